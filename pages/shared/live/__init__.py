"""The live panel: a run trains on the server, the browser shows it. The words that all of it uses:

run        what the panel shows: one or more lanes that train, or an experiment of another kind (`protocol.LiveRun`)
lane       one training run of one network; over several seeds, a lane has one row of the experiment for each
card       one tile of the panel: a chart, a table or the network diagram, with a head (`cards.Card`)
spec       what a card is: title, place, how it moves; it describes and does no work
figure     what a card draws into: axes, points, columns; sent when its revision changes
revision   names the figure that the browser holds; another revision asks for another figure
frame      one moment of the run: for each card the part that has changed since the frame before
part       what a frame holds for one card: points to add, an image to paint, rows of a table
rest       the exact figure of a card, with values to point at, when nothing moves; some get finer slice by slice
state      the counters beside the buttons, a message, whether the run has finished
pull       the browser's request; no pull, no work
answer     what the server says to a pull, or when the page was run
outbox     the frames that the browser may not have seen
batch      the number of an answer (not to be confused with the samples of one update)
"""
