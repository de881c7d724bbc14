"""What lies between the stages: their contract.

- ``files``: where artifacts lie, and how they are written: whole, or not at all.
- ``source``: what lies at a local source.
- ``kind``: whether rows are pictures, a table or texts.
- ``decisions``, ``standing`` and ``fitting``: what people decided, what of it counts, and what it says of the data.
- ``quality`` and ``issues``: how good each label looks; the rows listed as label errors.
- ``trust`` and ``calibration``: whether the model may judge; how many errors to expect, after people's verdicts.
- ``found``: duplicates, outliers, bad pictures, and rows left out; ``remarks``: what to know of columns and classes.
- ``annotations``: what several annotators said, and their consensus; ``held``: where people's word holds it.
- ``certificate``: how many labels are wrong at most; ``compared``: whether cleaning helped.
- ``label_studio``: what Label Studio is shown of a row.
- ``cleaned``: who or what decided on a cleaned label.
- ``examples``, ``pictures``, ``originals`` and ``screen``: what a row looks like; ``seen``: what a model sees of it.
- ``vectors``: a vector for each row, and what made it.
"""
