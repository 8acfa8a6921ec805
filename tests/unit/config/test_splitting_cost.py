"""What it costs to split a text of very many lists, which a webhook may send."""

from list_sync.config.splitting import find_spellings
from list_sync.model.sources import ProviderInfo


def test_looking_for_names_with_commas_grows_with_the_text_and_not_with_its_square(tmp_path):
    asked = []

    def is_there(name, _folder):
        asked.append(name)
        return False

    provider = ProviderInfo("file", "FILE_LISTS", is_there=is_there)

    assert len(find_spellings("a," * 1000, provider, tmp_path)) == 1000
    assert len(asked) <= 1000 * 50
