//! The colours of a colour bar.

use crate::artist::Mapped;
use crate::axes::ColorBar;
use crate::geometry::Rect;
use crate::scene::{Item, Picture};

/// All colours of a map, from the lower or left end.
pub(super) fn gradient(mapped: &Mapped, bar: &ColorBar, r: &Rect) -> Vec<Item> {
    let n = mapped.map.len();
    let mut rgba = Vec::with_capacity(4 * n);
    for k in 0..n {
        // rows of a picture go downwards
        let at = if bar.horizontal { k } else { n - 1 - k };
        rgba.extend(mapped.map.color(at).bytes());
    }
    let (width, height) = if bar.horizontal { (n, 1) } else { (1, n) };
    vec![Item::Picture {
        picture: Picture {
            width,
            height,
            rgba,
            corners: ((r.x0, r.y0), (r.x1, r.y1)),
        },
        clip: Some(*r),
    }]
}
