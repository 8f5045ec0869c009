# expect: error
# at: 6:24
# says: "bleu"
# says: "blue"
# phase: check
plot([1, 2, 3], color='bleu')
savefig('a.png')
