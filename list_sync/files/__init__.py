"""Files that stay whole: folders whose maker is alive, and the exchange of several files at one moment."""
