"""The office's papers: the record of processing activities (Art. 30 GDPR) and the factual part of an impact assessment (Art. 35).

Owns what they say and how they look. Everything in them is read off one value, ``PaperFacts``, which is gathered from what runs; what
only the office can know is a marked blank, and never made up. Holds nothing of a client.
"""
