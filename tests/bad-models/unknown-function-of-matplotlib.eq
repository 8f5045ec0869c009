# expect: error
# at: 7:5
# says: plto
# says: "plot"
# phase: check
import matplotlib.pyplot as plt
plt.plto([1, 2])
savefig('a.pdf')
