//! File names and folders with macros.
