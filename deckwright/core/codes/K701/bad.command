decks --out file/inside/dist
