//! Numbered parts of some work, shared among the threads of a team.
//!
//! Each thread has a row of parts, the same in every step, so that it finds them in its cache. Whoever is ready before the others
//! takes parts from the end of their rows: a thread that had to be woken is not waited for.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::team;

/// Parts from the first up to an end that nobody has taken yet.
struct Row(AtomicU64);

impl Row {
    fn new(first: usize, end: usize) -> Row {
        Row(AtomicU64::new(pack(first as u32, end as u32)))
    }

    fn take(&self, change: impl Fn(u32, u32) -> (u32, u32, u32)) -> Option<usize> {
        let mut taken = 0;
        let update = |packed| {
            let (first, end) = unpack(packed);
            (first < end).then(|| {
                let (part, first, end) = change(first, end);
                taken = part;
                pack(first, end)
            })
        };
        // Each part is handed out once, because the change is one; the work on it is made visible by whoever joins the threads.
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, update)
            .ok()?;
        Some(taken as usize)
    }

    fn first(&self) -> Option<usize> {
        self.take(|first, end| (first, first + 1, end))
    }

    fn last(&self) -> Option<usize> {
        self.take(|first, end| (end - 1, first, end - 1))
    }
}

fn pack(first: u32, end: u32) -> u64 {
    u64::from(first) << 32 | u64::from(end)
}

fn unpack(packed: u64) -> (u32, u32) {
    ((packed >> 32) as u32, packed as u32)
}

/// What a thread has emitted.
#[derive(Default)]
struct Emitted {
    numbers: Vec<u32>,
    /// The parts that have emitted something, and how much.
    parts: Vec<(usize, usize)>,
}

/// Does `work`, which gets the number of a part and appends what it emits, once for each of the parts below `count`, by the threads of the
/// team that this is called in; appends all that is emitted, in the order of the parts.
pub fn share(count: usize, work: impl Fn(usize, &mut Vec<u32>) + Sync, emit: &mut Vec<u32>) {
    let threads = team::threads().min(count).max(1);
    let rows: Vec<Row> = (0..threads)
        .map(|k| Row::new(count * k / threads, count * (k + 1) / threads))
        .collect();
    let emitted: Vec<Mutex<Emitted>> = (0..threads).map(|_| Mutex::default()).collect();
    team::together(threads, &|number| {
        if let Some(emitted) = emitted.get(number) {
            let mut emitted = emitted.lock().unwrap_or_else(PoisonError::into_inner);
            one(&rows, number, &mut emitted, &work);
        }
    });
    let emitted: Vec<Emitted> = emitted
        .into_iter()
        .map(|e| e.into_inner().unwrap_or_else(PoisonError::into_inner))
        .collect();
    let mut parts: Vec<(usize, &[u32])> = Vec::new();
    for by_one in &emitted {
        let mut rest = &by_one.numbers[..];
        for (part, len) in &by_one.parts {
            let (numbers, behind) = rest.split_at(*len);
            parts.push((*part, numbers));
            rest = behind;
        }
    }
    parts.sort_unstable_by_key(|(part, _)| *part);
    for (_, numbers) in parts {
        emit.extend_from_slice(numbers);
    }
}

/// Does `work`, which gets the number of an item and the item, once for each of them, by the threads of the team that this is called in.
pub fn each<T: Send>(items: &mut [T], work: impl Fn(usize, &mut T) + Sync) {
    let threads = team::threads().min(items.len());
    let items: Vec<Mutex<&mut T>> = items.iter_mut().map(Mutex::new).collect();
    let row = Row::new(0, items.len());
    team::together(threads, &|_| {
        while let Some(number) = row.first() {
            if let Some(item) = items.get(number) {
                // Nobody else has this number.
                work(
                    number,
                    &mut item.lock().unwrap_or_else(PoisonError::into_inner),
                );
            }
        }
    });
}

/// One thread: its own row, then what others have left.
fn one(rows: &[Row], number: usize, emitted: &mut Emitted, work: &impl Fn(usize, &mut Vec<u32>)) {
    let mut work = |part: usize| {
        let before = emitted.numbers.len();
        work(part, &mut emitted.numbers);
        let len = emitted.numbers.len() - before;
        if len > 0 {
            emitted.parts.push((part, len));
        }
    };
    let (before, own) = rows.split_at(number);
    let mut own = own.iter();
    if let Some(row) = own.next() {
        while let Some(part) = row.first() {
            work(part);
        }
    }
    for row in own.chain(before) {
        while let Some(part) = row.last() {
            work(part);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_once_and_in_order() {
        for threads in [1, 2, 3, 5] {
            for count in [0, 1, 2, 7, 100] {
                let mut all = vec![77];
                let work = |part: usize, emit: &mut Vec<u32>| {
                    // One in three emits nothing, the others one or two numbers; some are slow.
                    if part.is_multiple_of(7) {
                        std::thread::sleep(std::time::Duration::from_micros(200));
                    }
                    emit.extend(std::iter::repeat_n(part as u32, part % 3));
                };
                team::inside(threads, || share(count, work, &mut all));
                let mut expected = vec![77];
                (0..count).for_each(|part| work(part, &mut expected));
                assert_eq!(all, expected, "{threads} threads, {count} parts");
            }
        }
    }

    #[test]
    fn each_item_once() {
        for threads in [1, 3] {
            let mut items: Vec<usize> = (0..50).collect();
            team::inside(threads, || each(&mut items, |number, item| *item += number));
            assert_eq!(items, (0..50).map(|k| 2 * k).collect::<Vec<_>>());
        }
    }
}
