//! Resumable uploads over HTTP, as tus 1.0.0 writes them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;
use region_sandbox::Clock;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::visitor::{Place, Session};

const PIECE: &str = "application/offset+octet-stream";

fn content(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i * 31 + i / 251) as u8).collect()
}

fn ask(place: &Place, session: &Session, method: &str, url: &str) -> RequestBuilder {
    let method: Method = method.parse().unwrap();
    place
        .client
        .request(method, url)
        .bearer_auth(&session.access)
        .header("tus-resumable", "1.0.0")
}

fn metadata(id: &str, whole: &[u8]) -> String {
    let pair = |key: &str, value: &str| format!("{key} {}", STANDARD.encode(value));
    [
        pair("id", id),
        pair("filetype", "application/dicom"),
        pair("sha256", &hex::encode(Sha256::digest(whole))),
    ]
    .join(",")
}

async fn creation(place: &Place, session: &Session, id: &str, whole: &[u8]) -> Response {
    ask(place, session, "POST", &place.url("/uploads"))
        .header("upload-length", whole.len())
        .header("upload-metadata", metadata(id, whole))
        .send()
        .await
        .unwrap()
}

async fn created(place: &Place, session: &Session, id: &str, whole: &[u8]) -> String {
    let answer = creation(place, session, id, whole).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    assert!(answer.headers().contains_key("upload-expires"));
    answer.headers()["location"].to_str().unwrap().to_owned()
}

async fn patch(place: &Place, session: &Session, at: &str, offset: usize, piece: &[u8]) -> Response {
    ask(place, session, "PATCH", at)
        .header("content-type", PIECE)
        .header("upload-offset", offset)
        .header(
            "upload-checksum",
            format!("sha256 {}", STANDARD.encode(Sha256::digest(piece))),
        )
        .body(piece.to_vec())
        .send()
        .await
        .unwrap()
}

async fn offset(place: &Place, session: &Session, at: &str) -> Result<usize, u16> {
    let answer = ask(place, session, "HEAD", at).send().await.unwrap();
    assert_eq!(answer.headers()["tus-resumable"], "1.0.0");
    match answer.headers().get("upload-offset") {
        Some(offset) if answer.status() == StatusCode::OK => {
            assert_eq!(answer.headers()["cache-control"], "no-store");
            Ok(offset.to_str().unwrap().parse().unwrap())
        }
        _ => Err(answer.status().as_u16()),
    }
}

#[tokio::test]
async fn the_server_says_what_it_speaks() {
    let place = Place::open().await;
    let answer = place
        .client
        .request(Method::OPTIONS, place.url("/uploads"))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    let said = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(said("tus-version"), "1.0.0");
    assert_eq!(said("tus-extension"), "creation,checksum,expiration,termination");
    assert_eq!(said("tus-max-size"), (200 * 1024 * 1024).to_string());
    assert!(
        said("tus-checksum-algorithm").contains("sha1"),
        "tus demands SHA-1 of every server"
    );
}

#[tokio::test]
async fn a_file_in_pieces_survives_a_restart_and_is_one_binary() {
    let place = Place::open().await;
    let valmori = place.login("valmori-irene").await;
    let whole = content(700_000);
    let at = created(&place, &valmori, "allegato-1", &whole).await;
    assert_eq!(offset(&place, &valmori, &at).await, Ok(0));
    let half = patch(&place, &valmori, &at, 0, &whole[..300_000]).await;
    assert_eq!(half.status(), StatusCode::NO_CONTENT);
    assert_eq!(half.headers()["upload-offset"], "300000");
    assert!(
        place
            .get(&valmori, "/fhir/Binary/allegato-1")
            .send()
            .await
            .unwrap()
            .status()
            == StatusCode::NOT_FOUND,
        "half a file was shown"
    );

    let place = place.restart(Clock::system()).await;
    assert_eq!(
        offset(&place, &valmori, &at).await,
        Ok(300_000),
        "the offset was forgotten"
    );
    let again = created(&place, &valmori, "allegato-1", &whole).await;
    assert_eq!(again, at, "a repeated creation began another upload");
    let rest = patch(&place, &valmori, &at, 300_000, &whole[300_000..]).await;
    assert_eq!(rest.status(), StatusCode::NO_CONTENT);
    let read = place
        .get(&valmori, "/fhir/Binary/allegato-1")
        .send()
        .await
        .unwrap();
    assert_eq!(read.headers()["content-type"], "application/dicom");
    assert!(
        read.bytes().await.unwrap() == whole,
        "the file changed on its way"
    );

    let place = place.restart(Clock::system()).await;
    let at = created(&place, &valmori, "allegato-1", &whole).await;
    assert_eq!(
        offset(&place, &valmori, &at).await,
        Ok(700_000),
        "it would be sent again"
    );
    let stored = place
        .running
        .region
        .store
        .read("Binary", "allegato-1")
        .unwrap()
        .unwrap();
    assert_eq!(stored["meta"]["versionId"], "1");
    let state = place.running.region.uploads();
    assert!(state.len() == 1 && state[0].done, "{state:?}");
}

#[tokio::test]
async fn what_does_not_fit_is_refused_and_changes_nothing() {
    let place = Place::open().await;
    let valmori = place.login("valmori-irene").await;
    let whole = content(1000);
    let at = created(&place, &valmori, "allegato-2", &whole).await;
    let status = |answer: Response| answer.status().as_u16();

    assert_eq!(
        status(patch(&place, &valmori, &at, 10, &whole[10..20]).await),
        409
    );
    let spoiled = ask(&place, &valmori, "PATCH", &at)
        .header("content-type", PIECE)
        .header("upload-offset", 0)
        .header(
            "upload-checksum",
            format!("sha256 {}", STANDARD.encode(Sha256::digest(b"another"))),
        )
        .body(whole[..10].to_vec());
    assert_eq!(status(spoiled.send().await.unwrap()), 460);
    let strange = ask(&place, &valmori, "PATCH", &at)
        .header("content-type", PIECE)
        .header("upload-offset", 0)
        .header("upload-checksum", "crc32 AAAA")
        .body(whole[..10].to_vec());
    assert_eq!(status(strange.send().await.unwrap()), 400);
    let sha1 = openssl::hash::hash(openssl::hash::MessageDigest::sha1(), &whole[..10]).unwrap();
    let older = ask(&place, &valmori, "PATCH", &at)
        .header("content-type", PIECE)
        .header("upload-offset", 0)
        .header("upload-checksum", format!("sha1 {}", STANDARD.encode(sha1)))
        .body(whole[..10].to_vec());
    assert_eq!(status(older.send().await.unwrap()), 204);
    let unnamed = ask(&place, &valmori, "PATCH", &at)
        .header("upload-offset", 10)
        .body(whole[10..20].to_vec());
    assert_eq!(status(unnamed.send().await.unwrap()), 415);
    assert_eq!(status(patch(&place, &valmori, &at, 10, &content(991)).await), 413);
    let old = place
        .client
        .head(&at)
        .bearer_auth(&valmori.access)
        .send()
        .await
        .unwrap();
    assert_eq!(old.headers()["tus-version"], "1.0.0");
    assert_eq!(status(old), 412);
    let mut stranger = valmori.clone();
    stranger.access = "nessuno".to_owned();
    assert_eq!(status(patch(&place, &stranger, &at, 10, &whole[10..]).await), 401);
    let nobody = place
        .client
        .post(place.url("/uploads"))
        .header("tus-resumable", "1.0.0");
    assert_eq!(status(nobody.send().await.unwrap()), 401);
    assert_eq!(
        offset(&place, &valmori, &at).await,
        Ok(10),
        "a refused piece left something behind"
    );

    assert_eq!(
        offset(&place, &valmori, &place.url("/uploads/nessuno")).await,
        Err(404)
    );
    let other = place.login("quercetti-sandro").await;
    assert_eq!(
        offset(&place, &other, &at).await,
        Err(404),
        "somebody else's upload was shown"
    );
    let large = ask(&place, &valmori, "POST", &place.url("/uploads"))
        .header("upload-length", 200 * 1024 * 1024 + 1)
        .header("upload-metadata", metadata("allegato-3", &whole));
    assert_eq!(status(large.send().await.unwrap()), 413);
    assert_eq!(
        status(creation(&place, &valmori, "allegato-2", b"another content").await),
        409
    );
    let nameless = ask(&place, &valmori, "POST", &place.url("/uploads")).header("upload-length", 3);
    assert_eq!(status(nameless.send().await.unwrap()), 400);
}

#[tokio::test]
async fn a_whole_that_is_not_what_was_announced_is_thrown_away() {
    let place = Place::open().await;
    let valmori = place.login("valmori-irene").await;
    let whole = content(1000);
    let at = created(&place, &valmori, "allegato-4", &whole).await;
    let other = content(1001)[1..].to_vec();
    let last = patch(&place, &valmori, &at, 0, &other).await;
    assert_eq!(last.status().as_u16(), 460, "each piece fits, the whole does not");
    assert_eq!(offset(&place, &valmori, &at).await, Err(404));
    assert!(
        place
            .running
            .region
            .store
            .read("Binary", "allegato-4")
            .unwrap()
            .is_none()
    );
    assert!(place.running.region.uploads().is_empty());
}

#[tokio::test]
async fn an_upload_can_be_ended_and_ends_by_itself() {
    let place = Place::open().await;
    let valmori = place.login("valmori-irene").await;
    let whole = content(1000);
    let files = || {
        std::fs::read_dir(place.running.region.data_dir().join("uploads"))
            .unwrap()
            .count()
    };
    let at = created(&place, &valmori, "allegato-5", &whole).await;
    let ended = ask(&place, &valmori, "DELETE", &at).send().await.unwrap();
    assert_eq!(ended.status(), StatusCode::NO_CONTENT);
    assert_eq!((offset(&place, &valmori, &at).await, files()), (Err(404), 0));

    let left = created(&place, &valmori, "allegato-6", &whole).await;
    patch(&place, &valmori, &left, 0, &whole[..10]).await;
    place
        .running
        .region
        .clock
        .set_skew(SignedDuration::from_hours(25));
    let valmori = place.login("valmori-irene").await;
    assert_eq!(
        offset(&place, &valmori, &left).await,
        Err(410),
        "it should be over"
    );
    let anew = created(&place, &valmori, "allegato-6", &whole).await;
    assert_ne!(anew, left);
    assert_eq!((offset(&place, &valmori, &anew).await, files()), (Ok(0), 1));
    assert_eq!(offset(&place, &valmori, &left).await, Err(410));
}

#[tokio::test]
async fn a_bit_that_changes_on_the_way_is_noticed() {
    let place = Place::open().await;
    let valmori = place.login("valmori-irene").await;
    let whole = content(1000);
    let at = created(&place, &valmori, "allegato-7", &whole).await;
    let rule = json!({"path": "/uploads", "method": "PATCH", "times": 1, "effect": "spoil_request"});
    place.switch("POST", "faults", rule).await;
    assert_eq!(
        patch(&place, &valmori, &at, 0, &whole).await.status().as_u16(),
        460
    );
    assert_eq!(
        patch(&place, &valmori, &at, 0, &whole).await.status().as_u16(),
        204
    );
}
