"""The certificate: its fields, codes and canonical payload."""
