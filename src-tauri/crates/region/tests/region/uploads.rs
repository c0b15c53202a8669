//! The steps of an upload against the sandbox, and against regions that answer otherwise.

use region::{RegionError, UploadError, UploadPlan};
use region_sandbox::faults::{Effect, Rule};
use sha2::{Digest, Sha256};

use crate::place::Place;

const WHOLE: &[u8] = b"DICOM, or nearly: what matters is that it comes back the same";

fn plan(id: &str) -> UploadPlan {
    UploadPlan {
        id: id.to_owned(),
        media_type: "application/dicom".to_owned(),
        size: WHOLE.len() as u64,
        sha256: hex::encode(Sha256::digest(WHOLE)),
    }
}

#[tokio::test]
async fn an_upload_goes_on_after_a_restart_and_a_lost_reply_and_is_a_binary_once() {
    let place = Place::open_as("valmori-irene").await;
    let uploads = place.region.uploads();
    place.effect("/uploads", "POST", Effect::LoseReply);
    assert_eq!(
        uploads.create(&plan("a-1")).await,
        Err(UploadError::Region(RegionError::Timeout))
    );
    let begun = uploads.create(&plan("a-1")).await.unwrap();
    assert_eq!(begun.offset, 0);
    assert!(begun.location.starts_with("uploads/"), "{}", begun.location);
    assert_eq!(
        place.running.region.uploads().len(),
        1,
        "the lost reply left an upload behind"
    );
    let at = &begun.location;
    assert_eq!(uploads.append(at, 0, WHOLE[..20].into()).await, Ok(20));
    let place = place.restart().await;
    assert_eq!(uploads.standing(at).await, Ok(20));
    assert_eq!(
        uploads.append(at, 0, WHOLE[..20].into()).await,
        Err(UploadError::Elsewhere)
    );
    place.effect("/uploads", "PATCH", Effect::SpoilRequest);
    assert_eq!(
        uploads.append(at, 20, WHOLE[20..].into()).await,
        Err(UploadError::Checksum)
    );
    place.effect("/uploads", "PATCH", Effect::LoseReply);
    let lost = uploads.append(at, 20, WHOLE[20..].into()).await;
    assert_eq!(lost, Err(UploadError::Region(RegionError::Timeout)));
    assert_eq!(uploads.standing(at).await, Ok(WHOLE.len() as u64));
    let read = place.region.fhir().binary("Binary/a-1").await.unwrap();
    assert!(read.bytes == WHOLE && read.content_type == "application/dicom");
    let again = uploads.create(&plan("a-1")).await.unwrap();
    assert_eq!(again.offset, WHOLE.len() as u64, "it would be sent a second time");
}

#[tokio::test]
async fn a_region_that_knows_no_uploads_is_told_from_one_that_forgot_one_and_from_a_portal() {
    let place = Place::open_as("valmori-irene").await;
    let uploads = place.region.uploads();
    assert_eq!(uploads.standing("uploads/nessuno").await, Err(UploadError::Gone));
    for status in [404, 405, 501] {
        place.fault(Rule {
            path: "/uploads".into(),
            status: Some(status),
            ..Rule::default()
        });
        let answered = uploads.create(&plan("a-2")).await;
        assert_eq!(answered, Err(UploadError::NotOffered), "{status}");
    }
    place.fault(Rule {
        path: "/uploads".into(),
        effect: Some(Effect::CaptivePortal),
        ..Rule::default()
    });
    let portal = UploadError::Region(RegionError::NotTheRegion);
    assert_eq!(uploads.create(&plan("a-2")).await, Err(portal.clone()));
    assert_eq!(uploads.standing("uploads/1").await, Err(portal.clone()));
    assert_eq!(uploads.append("uploads/1", 0, WHOLE.into()).await, Err(portal));
    place.fault(Rule {
        path: "/uploads".into(),
        status: Some(503),
        retry_after: Some(7),
        ..Rule::default()
    });
    let Err(UploadError::Region(error)) = uploads.create(&plan("a-2")).await else {
        panic!("a region that fails was taken for another answer");
    };
    assert_eq!(error.retry_after(), Some(std::time::Duration::from_secs(7)));
}

#[tokio::test]
async fn a_token_that_ended_is_renewed_in_the_middle_and_too_large_is_a_refusal() {
    let place = Place::open_as("valmori-irene").await;
    let uploads = place.region.uploads();
    let begun = uploads.create(&plan("a-3")).await.unwrap();
    place.switch("expire-tokens", serde_json::json!({})).await;
    assert_eq!(
        uploads.append(&begun.location, 0, WHOLE.into()).await,
        Ok(WHOLE.len() as u64)
    );
    let large = UploadPlan {
        size: 200 * 1024 * 1024 + 1,
        ..plan("a-4")
    };
    match uploads.create(&large).await {
        Err(UploadError::Region(RegionError::Refused(problem))) => assert_eq!(problem.status, 413),
        other => panic!("{other:?}"),
    }
}
