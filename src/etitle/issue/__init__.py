"""The flow out: workbooks in, certificates, lists and bundles out."""
