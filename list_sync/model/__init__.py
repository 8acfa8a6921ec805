"""The vocabulary of ListSync: frozen values that every layer speaks, standard library only."""
