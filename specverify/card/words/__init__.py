"""Claims said in words: mechanisms, classes, formats, bases, licences, dates; and what a model needs and how fast it is."""
