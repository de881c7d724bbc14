"""``tfidf``: the words that texts are made of, weighed by how rare they are."""

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

from stages.artifacts.kind import Kind
from stages.artifacts.vectors import Embedded
from stages.embed.rows import Rows
from stages.embed.settings import Settings

KINDS: tuple[Kind, ...] = ("text",)
ARGUMENT = ""
# A word, or a sign that is not part of one. Chinese and Japanese have no spaces: each sign counts as a word.
WORD = r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+|[^\w\s]"


def embed(argument: str, rows: Rows, settings: Settings) -> Embedded:
    """Return the words that texts are made of, upper case as lower case, as rows of length 1.

    For near duplicates rare words weigh more (TF-IDF), so that it counts little whether a text says "my card" or "the
    card". For outliers words weigh the same: a strange text is made of rare words, which would bring its distance,
    and that of every text with one rare word, so close to the highest there is that nothing stands out.
    """
    texts = rows.read_texts()
    alike, apart = (
        csr_matrix(TfidfVectorizer(token_pattern=WORD, use_idf=weighed, dtype=np.float32).fit_transform(texts))
        for weighed in (True, False)
    )
    return Embedded(alike[rows.content], {"name": "words", "metric": "cosine"}, apart[rows.content])
