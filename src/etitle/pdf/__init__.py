"""The certificate on paper: a page as a PDF of one revision, signed as a whole."""
