"""The tests; they import the stages first, so that numpy and torch compute the same bytes here as in a stage."""

import stages as stages
