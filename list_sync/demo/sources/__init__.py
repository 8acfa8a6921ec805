"""Sample sources on loopback: IMDb, MDBList and Trakt in their true shapes."""
