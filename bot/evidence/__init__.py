"""What the working group reads: exports of what learners said, with nobody's identity in them."""
