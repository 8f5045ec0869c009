# Formulas.
from pylab import *

figure(figsize=(7, 5))
axis('off')
text(0.0, 0.95, '$\mu(v)$  F$_{out}$ [Hz]  $\% w_0$  $\\tau_{m}$  $10^{-3}$', fontsize=16)
text(0.0, 0.82, '$\\sigma \\Delta \\pm \\times \\cdot \\rightarrow \\leq \\sqrt{x} \\frac{a+b}{c}$', fontsize=16)
text(0.0, 0.69, '$\\mathrm{Hz} \\mathbf{x} e^{-t/\\tau} x_i^2 a_{b_c} w_{ij}^{\\mathrm{max}}$', fontsize=16)
text(0.0, 0.54, '$\\sum_{i=0}^n x_i \\int_0^1 f(x) dx$', fontsize=16)
text(0.0, 0.40, '$\\dot{v} = \\bar{x} + \\hat{y} - \\sin x \\cdot \\vec{r}$', fontsize=16)
text(0.0, 0.28, '$\\left( \\frac{a}{b} \\right)^2 = \\sqrt{\\frac{1}{2}}$', fontsize=16)
text(0.0, 0.14, 'plain text $and$ math, 50 \\$', fontsize=16)
text(0.7, 0.5, 'turned\ntwo lines', rotation=45, ha='center', va='center')
savefig('formulas.png')
