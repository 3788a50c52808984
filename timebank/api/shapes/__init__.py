"""What goes in and out of the API: for each thing how it is shown, and what a program may say of it."""
