//! The issuer: discovery, authorization address, code exchange with ID token verification, renewal.
//!
//! All of it by the `openidconnect` crate over the region's one HTTP client. Sources: OpenID Connect Core 1.0 (3.1.3.7),
//! Discovery 1.0, RFC 9700. Only RS256 is accepted, as the contract says.

use clinical::{FiscalCode, PersonName};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType, CoreGenderClaim,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata,
    CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AccessTokenHash, AdditionalClaims, AuthenticationContextClass, AuthorizationCode,
    ClaimsVerificationError, ClientId, CsrfToken, DiscoveryError, EmptyExtraTokenFields, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IdTokenFields, IssuerUrl, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError,
    Scope, StandardErrorResponse, StandardTokenResponse, TokenResponse,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{LoginError, LoginMethod, Person};
use crate::client::{Ask, JSON_LIMIT};
use crate::{Method, Region, RegionError, Tokens};

const CLIENT: &str = "postazione";

/// The claim of SPID and CIE that names the person.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct EidClaims {
    #[serde(rename = "https://attributes.eid.gov.it/fiscal_number", default)]
    fiscal_number: Option<String>,
}

impl AdditionalClaims for EidClaims {}

type Answer = StandardTokenResponse<
    IdTokenFields<
        EidClaims,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

type Client = openidconnect::Client<
    EidClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Answer,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

type TokenFailure = RequestTokenError<RegionError, StandardErrorResponse<CoreErrorResponseType>>;

/// What discovery said.
#[derive(Debug)]
pub(crate) struct Issuer {
    client: Client,
    name: String,
}

/// One exchange of the OpenID library over our HTTP client.
async fn exchange(region: Region, request: HttpRequest) -> Result<HttpResponse, RegionError> {
    let (parts, body) = request.into_parts();
    let url = Url::parse(&parts.uri.to_string()).map_err(|_| RegionError::Garbled)?;
    // The endpoints come from the discovery document: never in the clear to another machine.
    let local = matches!(url.host(), Some(url::Host::Ipv4(ip)) if ip.is_loopback());
    if url.scheme() != "https" && !local && url.origin() != region.base().origin() {
        return Err(RegionError::Garbled);
    }
    let headers: Vec<(&str, &str)> = parts
        .headers
        .iter()
        .filter_map(|(n, v)| Some((n.as_str(), v.to_str().ok()?)))
        .collect();
    let method = if parts.method == openidconnect::http::Method::POST {
        Method::Post
    } else {
        Method::Get
    };
    let body = (method == Method::Post).then(|| bytes::Bytes::from(body));
    let answer = region
        .exchange(
            &Ask {
                method,
                url,
                headers,
                body,
                limit: JSON_LIMIT,
                bearer: false,
            },
            None,
        )
        .await?;
    if matches!(answer.status, 408 | 425 | 429 | 500..=599) {
        return Err(RegionError::Unavailable {
            status: answer.status,
            retry_after: answer.retry_after,
        });
    }
    if !answer.is_json() {
        return Err(RegionError::NotTheRegion);
    }
    let mut response = openidconnect::http::Response::builder().status(answer.status);
    if let Some(content_type) = &answer.content_type {
        response = response.header("content-type", content_type);
    }
    response.body(answer.body).map_err(|_| RegionError::Garbled)
}

impl Issuer {
    pub(super) async fn discover(region: &Region) -> Result<Self, LoginError> {
        let name = format!("{}oidc", region.base());
        let url = IssuerUrl::new(name.clone()).map_err(|_| LoginError::Misconfigured)?;
        let http = |request| exchange(region.clone(), request);
        let metadata =
            CoreProviderMetadata::discover_async(url, &http)
                .await
                .map_err(|error| match error {
                    DiscoveryError::Request(error) => LoginError::Region(error),
                    DiscoveryError::Parse(_) => LoginError::Region(RegionError::Garbled),
                    DiscoveryError::Response(..) => LoginError::Region(RegionError::NotFound),
                    _ => LoginError::Misconfigured,
                })?;
        if metadata.token_endpoint().is_none() {
            return Err(LoginError::Misconfigured);
        }
        let client = Client::from_provider_metadata(metadata, ClientId::new(CLIENT.to_owned()), None);
        Ok(Self { client, name })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The address for the browser, with fresh state, nonce and PKCE.
    pub(super) fn authorization(
        &self,
        redirect: &str,
        method: LoginMethod,
    ) -> Result<(Url, CsrfToken, Nonce, PkceCodeVerifier), LoginError> {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let acr = match method {
            LoginMethod::Cns => "cns",
            LoginMethod::Spid => "spid",
            LoginMethod::Cie => "cie",
        };
        let client = self.client.clone().set_redirect_uri(redirect_url(redirect)?);
        let (url, state, nonce) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scope(Scope::new("profile".to_owned()))
            .add_auth_context_value(AuthenticationContextClass::new(acr.to_owned()))
            .add_ui_locale(openidconnect::LanguageTag::new("it".to_owned()))
            .set_pkce_challenge(challenge)
            .url();
        Ok((url, state, nonce, verifier))
    }

    /// Exchanges the code and verifies the ID token: signature, issuer, audience, times, nonce, access token hash.
    pub(super) async fn exchange(
        &self,
        region: &Region,
        redirect: &str,
        code: String,
        verifier: PkceCodeVerifier,
        nonce: &Nonce,
    ) -> Result<(Person, Tokens), LoginError> {
        let http = |request| exchange(region.clone(), request);
        let client = self.client.clone().set_redirect_uri(redirect_url(redirect)?);
        let answer = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|_| LoginError::Misconfigured)?
            .set_pkce_verifier(verifier)
            .request_async(&http)
            .await
            .map_err(|error| match error {
                RequestTokenError::ServerResponse(refusal) => {
                    LoginError::Refused(refusal.error().to_string())
                }
                other => LoginError::Region(of_token(other)),
            })?;
        let id_token = answer.id_token().ok_or(LoginError::Untrusted)?;
        let verifier = self
            .client
            .id_token_verifier()
            .set_allowed_algs([CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256]);
        let claims = id_token.claims(&verifier, nonce).map_err(|error| match error {
            ClaimsVerificationError::Expired(_) => LoginError::WrongClock,
            _ => LoginError::Untrusted,
        })?;
        if let Some(expected) = claims.access_token_hash() {
            let algorithm = id_token.signing_alg().map_err(|_| LoginError::Untrusted)?;
            let key = id_token
                .signing_key(&verifier)
                .map_err(|_| LoginError::Untrusted)?;
            let actual = AccessTokenHash::from_token(answer.access_token(), algorithm, key)
                .map_err(|_| LoginError::Untrusted)?;
            if actual != *expected {
                return Err(LoginError::Untrusted);
            }
        }
        let fiscal_code = claims
            .additional_claims()
            .fiscal_number
            .as_deref()
            .map(|n| n.strip_prefix("TINIT-").unwrap_or(n))
            .and_then(|n| FiscalCode::parse(n).ok())
            .ok_or(LoginError::NoPerson)?;
        let family = claims
            .family_name()
            .and_then(|n| n.get(None))
            .ok_or(LoginError::NoPerson)?;
        let given = claims
            .given_name()
            .and_then(|n| n.get(None))
            .ok_or(LoginError::NoPerson)?;
        let person = Person {
            subject: claims.subject().to_string(),
            name: PersonName::new(family.as_str(), given.as_str()),
            fiscal_code,
            acr: claims.auth_context_ref().map(|a| a.to_string()),
        };
        Ok((person, tokens(&answer)))
    }

    /// Renews the access token. A refusal by the issuer ends the access.
    pub(super) async fn renew(&self, region: &Region, token: &SecretString) -> Result<Tokens, RegionError> {
        let http = |request| exchange(region.clone(), request);
        let token = RefreshToken::new(token.expose_secret().to_owned());
        let answer = self
            .client
            .exchange_refresh_token(&token)
            .map_err(|_| RegionError::Unauthorised)?
            .request_async(&http)
            .await
            .map_err(of_token)?;
        Ok(tokens(&answer))
    }
}

fn redirect_url(redirect: &str) -> Result<RedirectUrl, LoginError> {
    RedirectUrl::new(redirect.to_owned()).map_err(|_| LoginError::Misconfigured)
}

fn of_token(error: TokenFailure) -> RegionError {
    match error {
        RequestTokenError::ServerResponse(_) => RegionError::Unauthorised,
        RequestTokenError::Request(error) => error,
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => RegionError::Garbled,
    }
}

fn tokens(answer: &Answer) -> Tokens {
    Tokens::new(
        SecretString::from(answer.access_token().secret().clone()),
        answer
            .refresh_token()
            .map(|t| SecretString::from(t.secret().clone())),
        answer.expires_in().map(|d| d.as_secs()),
    )
}
