"""The overview: what needs a person, in words, and the page over a store."""


def test_an_empty_store_with_a_server_has_one_need_a_list(open_page):
    page = open_page("/")

    assert page.status == 200
    assert page.find(".verdict") == ["One thing needs you. Everything else is in order."]
