#![no_main]
#[path = "../../tests/replay/doors.rs"]
#[allow(dead_code, reason = "one door of many")]
mod doors;
#[path = "../../tests/replay/memory.rs"]
mod memory;

#[global_allocator]
static ALLOCATOR: memory::Counting = memory::Counting;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let before = memory::start();
    doors::ocsp(bytes);
    let (most, allowed) = (memory::most(before), memory::allowed(bytes.len()));
    assert!(most <= allowed, "{most} bytes held, over {allowed}");
});
