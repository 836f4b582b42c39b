"""A dress rehearsal: invented people, a moved clock, and the real engine, planner, store, window and purse.

Nothing leaves the machine. What reaches "phones" is watched by somebody who knows nothing of the planner
(``watch``), so that a promise the house breaks is seen and counted, whatever the house itself believes.
"""
