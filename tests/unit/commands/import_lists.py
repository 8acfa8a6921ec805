"""Import lists as Radarr and Sonarr state them."""


def import_list(name, implementation, *, options=None, **fields):
    """Return an import list that is on, with the fields of its source."""
    return {
        "id": 1,
        "name": name,
        "implementation": implementation,
        "configContract": implementation.replace("Import", "Settings"),
        "fields": [{"order": 0, "name": key.replace("__", "."), "value": value} for key, value in fields.items()],
        "tags": [],
        **(options or {}),
    }


def of_radarr(name, implementation, *, options=None, **fields):
    """Return one of Radarr, as a new one begins there."""
    usual = {
        "enabled": True,
        "enableAuto": True,
        "monitor": "movieOnly",
        "rootFolderPath": "/movies",
        "qualityProfileId": 4,
        "searchOnAdd": True,
        "minimumAvailability": "released",
    }
    return import_list(name, implementation, options=usual | (options or {}), **fields)


def of_sonarr(name, implementation, *, options=None, **fields):
    """Return one of Sonarr, as a new one begins there."""
    usual = {
        "enableAutomaticAdd": True,
        "searchForMissingEpisodes": True,
        "shouldMonitor": "all",
        "monitorNewItems": "all",
        "rootFolderPath": "/tv",
        "qualityProfileId": 4,
        "seriesType": "standard",
        "seasonFolder": True,
    }
    return import_list(name, implementation, options=usual | (options or {}), **fields)
