"""What is said on paper: template, fonts, layout, the page as PDF objects."""
