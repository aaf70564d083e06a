"""What a lesson is made of: lessons, questions to a class, worksheets."""
