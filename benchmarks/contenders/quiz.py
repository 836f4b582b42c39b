"""The quiz that the other bots play: ten turns, three buttons each."""

QUESTIONS = [
    f"{number}. Neighbours run a café together and this year it earned more than it cost. Who decides what happens now?"
    for number in range(10)
]
CHOICES = [("first", "The members"), ("second", "The bank"), ("third", "Nobody yet")]
WHY = "Right: whoever works there decides, each with one vote."
