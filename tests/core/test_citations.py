"""The bibliography: BibTeX read as other tools write it, printed for exactly the keys used."""

import pytest

from ketasim.core import citations
from ketasim.core.errors import InputError

TEXT = """
% a comment
@article{one2001,
  author = {Müller, Anna and Roe, Jane},
  title = {On {K}etamine: {{nested}} braces},
  journal = "A journal, with a comma",
  year = 2001, doi = {10.1000/x.y_z},
}
@Book{two1999, title={Short}, author={Solo, Han}, year="1999", publisher = {House}}
@misc{three, title = {A page}, howpublished = {web}, url = {https://example.org/a_b}, year = {2020}}
@article{four2005, author={Doe, J}, year={2005}, pmid={123456}}
"""


def test_fields_are_read_in_braces_quotes_and_bare():
    found = citations.parse_bibtex(TEXT)
    assert list(found) == ["one2001", "two1999", "three", "four2005"]
    one = found["one2001"]
    assert one.fields["title"] == "On {K}etamine: {{nested}} braces"
    assert one.fields["journal"] == "A journal, with a comma"
    assert one.fields["year"] == "2001"
    assert one.kind == "article"
    assert found["two1999"].kind == "book"


def test_words_of_tex_are_read_as_people_write_them():
    text = r"""@article{a, author = {Matou{\v s}ek, J and Sch{\"u}ttler, J}, year = {1998},
      journal = {Basic \& Clinical}, title = {On {K}etamine by Demirta{\c{s}}, 50\% na{\"\i}ve}}"""
    one = citations.parse_bibtex(text)["a"]
    assert one.short == "Matoušek et al. 1998 Basic & Clinical"
    assert one.plain("title") == "On Ketamine by Demirtaş, 50% naïve"
    assert one.plain("volume") == ""


def test_short_form_and_link():
    found = citations.parse_bibtex(TEXT)
    assert found["one2001"].short == "Müller et al. 2001 A journal, with a comma"
    assert found["two1999"].short == "Solo 1999 House"
    assert found["one2001"].link == "https://doi.org/10.1000/x.y_z"
    assert found["four2005"].link == "https://pubmed.ncbi.nlm.nih.gov/123456/"
    assert found["three"].link == "https://example.org/a_b"
    assert found["two1999"].link == ""


def test_the_text_of_an_entry_is_kept_whole():
    entry = citations.parse_bibtex(TEXT)["one2001"].bibtex
    assert entry.startswith("@article{one2001,")
    assert entry.count("{") == entry.count("}")
    assert list(citations.parse_bibtex(entry)) == ["one2001"]


def test_a_missing_brace_is_an_error():
    with pytest.raises(InputError, match="balanced braces"):
        citations.parse_bibtex("@article{x, title = {never closed")


def test_citing_keeps_the_order_and_drops_doubles_and_what_is_no_paper(monkeypatch):
    monkeypatch.setattr(citations, "references", lambda: citations.parse_bibtex(TEXT))
    assert [r.key for r in citations.cite(["three", "user", "one2001", "three"])] == ["three", "one2001"]
    text = citations.bibtex(["three", "one2001"])
    assert list(citations.parse_bibtex(text)) == ["three", "one2001"]


def test_the_projects_own_bibliography_names_what_it_should():
    """Facts of three papers, from PubMed."""
    known = citations.references()
    assert known["domino1984"].fields["year"] == "1984"
    assert "Clements" in known["clements1981"].fields["author"]
    assert known["kamp2020"].fields["doi"].lower() == "10.1097/aln.0000000000003577"
