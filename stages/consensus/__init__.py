"""Between prediction and judgement: whose label it is, where several annotators labelled a row."""
