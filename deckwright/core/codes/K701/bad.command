decks --out notes.txt/inside/dist
