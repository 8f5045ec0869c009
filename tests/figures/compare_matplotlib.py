"""Draws the model files beside this script with matplotlib and with dslsim, and puts both pictures side by side.

    python tests/figures/compare_matplotlib.py [--dslsim PATH] [--out FOLDER] [NAME ...]

The files are valid Python. For each picture `x.png` that a file saves, `x-both.png` shows matplotlib's at the left, ours in the
middle, and at the right where they differ; the mean difference of the pixels (0 to 255) is printed.
"""

import argparse
import pathlib
import subprocess
import sys

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np

HERE = pathlib.Path(__file__).parent


def with_matplotlib(path, folder):
    plt.close("all")
    matplotlib.rcdefaults()
    saved = []
    save = plt.savefig

    def savefig(name, **kw):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        saved.append(target)
        save(target, **kw)

    names = {}
    exec("from pylab import *", names)
    names["savefig"] = savefig
    text = path.read_text().replace("from pylab import *", "")
    exec(compile(text, str(path), "exec"), names)
    return [p for p in saved if p.suffix == ".png"]


def pixels(path):
    image = plt.imread(path)
    if image.shape[2] == 4:
        alpha = image[:, :, 3:]
        image = image[:, :, :3] * alpha + 1 - alpha
    return image[:, :, :3]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dslsim", default="target/release/dslsim")
    parser.add_argument("--out", default="target/figures")
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    out = pathlib.Path(args.out)
    worst = 0
    for path in sorted(HERE.glob("*.eq")):
        if args.names and path.stem not in args.names:
            continue
        theirs, ours = out / "matplotlib" / path.stem, out / "dslsim" / path.stem
        theirs.mkdir(parents=True, exist_ok=True)
        saved = with_matplotlib(path, theirs)
        subprocess.run([args.dslsim, "run", str(path), "--out", str(ours), "--quiet"], check=True)
        for picture in saved:
            a, b = pixels(picture), pixels(ours / picture.relative_to(theirs))
            h, w = max(a.shape[0], b.shape[0]), max(a.shape[1], b.shape[1])
            same = a.shape == b.shape

            def fitted(x):
                full = np.ones((h, w, 3))
                full[: x.shape[0], : x.shape[1]] = x
                return full

            fa, fb = fitted(a), fitted(b)
            both = np.concatenate([fa, fb, 1 - np.abs(fa - fb)], axis=1)
            target = out / f"{path.stem}-{picture.stem}-both.png"
            plt.imsave(target, np.clip(both, 0, 1))
            difference = 255 * np.abs(fa - fb).mean()
            worst = max(worst, difference)
            print(f"{path.stem}/{picture.name}: {difference:.2f}{'' if same else f'  sizes {a.shape[:2]} and {b.shape[:2]}'}  {target}")
    return 0 if worst < 8 else 1


if __name__ == "__main__":
    sys.exit(main())
