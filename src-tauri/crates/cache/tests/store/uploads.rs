//! Uploads in the queue: a lane of their own, a pause that holds one, and a place that survives a restart.

use cache::{Event, ItemKind, Jitter, Lane, NewItem, Upload};

use crate::{at, create, item, open};

#[test]
fn a_large_file_holds_no_request_and_a_paused_one_wakes_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path());
    let outbox = &store.outbox;
    let queue = |new: NewItem| outbox.commit(at(0), move |step| step.enqueue(new)).unwrap().id;
    let upload = |conversation: &str| NewItem {
        kind: ItemKind::AttachmentUpload,
        ..item(conversation, "file")
    };
    let (file, other, request) = (queue(upload("a")), queue(upload("b")), queue(item("c", "1")));
    let behind = queue(item("a", "2"));
    let take = |lane, second| {
        outbox
            .take_next_of(lane, at(second))
            .unwrap()
            .map(|found| found.id)
    };
    assert_eq!(take(Lane::Requests, 1), Some(request));
    assert_eq!(take(Lane::Requests, 1), None, "a request left before its file");

    outbox
        .commit(at(1), move |step| step.upload_paused(file, true))
        .unwrap();
    assert_eq!(take(Lane::Uploads, 1), Some(other), "the paused one held another");
    outbox.apply(other, Event::NotSent, at(1), Jitter(0)).unwrap();
    assert!(outbox.next_wake_of(Lane::Uploads).unwrap().is_some());
    assert_eq!(outbox.next_wake_of(Lane::Requests).unwrap(), None);
    outbox
        .commit(at(1), move |step| step.upload_paused(other, true))
        .unwrap();
    assert_eq!(
        outbox.next_wake_of(Lane::Uploads).unwrap(),
        None,
        "it would wake for nothing"
    );
    assert_eq!((take(Lane::Uploads, 9_999), take(Lane::All, 9_999)), (None, None));

    outbox
        .commit(at(2), move |step| step.upload_paused(file, false))
        .unwrap();
    assert_eq!(take(Lane::Uploads, 2), Some(file));
    let kept = outbox
        .commit(at(2), move |step| {
            step.upload_progress(file, Some("uploads/1"), 77)
        })
        .unwrap();
    let expected = Upload {
        location: Some("uploads/1".to_owned()),
        sent: 77,
        paused: false,
    };
    assert_eq!(kept, expected);
    store.close();

    let store = open(dir.path());
    assert_eq!(
        store.outbox.upload(file).unwrap(),
        expected,
        "the place was forgotten"
    );
    assert!(store.outbox.upload(other).unwrap().paused);
    assert_eq!(store.outbox.upload(behind).unwrap(), Upload::default());
}
