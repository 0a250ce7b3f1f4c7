decks
