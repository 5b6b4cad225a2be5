"""The printed page: template, fonts, layout, PDF objects."""
