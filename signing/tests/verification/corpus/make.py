"""Makes the part of the corpus that pyHanko and OpenSSL sign, with the PKI for all of it.

  python make.py FOLDER

Every file comes with what is expected of it in FOLDER/expected.tsv: name, 0 or 1, what it is. Run by
`corpus.rs` with the Python that has pyHanko 0.38.
"""
import base64, datetime, hashlib, io, logging, os, random, re, subprocess, sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from asn1crypto import cms, keys as akeys, ocsp as aocsp, pem, x509 as ax509, crl as acrl
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PdfFileWriter
from pyhanko.sign import fields, signers, timestamps
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

logging.disable(logging.CRITICAL)
OUT = sys.argv[1]
NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
DAY = datetime.timedelta(days=1)
random.seed(20261121)
ROWS = []
os.makedirs(os.path.join(OUT, "files"), exist_ok=True)
os.makedirs(os.path.join(OUT, "keys"), exist_ok=True)


def path(name):
    return os.path.join(OUT, "files", name)


def keep(name, data, expected, what, content=""):
    with open(path(name), "wb") as f:
        f.write(data)
    ask(name, expected, what, content)
    return data


def ask(name, expected, what, content="", revocation="soft", at=""):
    """One row: what is asked of a file, and the answer."""
    ROWS.append((name, str(expected), what, content, revocation, at))


# The PKI.

def key(kind="rsa"):
    if kind == "p256":
        return ec.generate_private_key(ec.SECP256R1())
    if kind == "p384":
        return ec.generate_private_key(ec.SECP384R1())
    return rsa.generate_private_key(65537, 1024 if kind == "rsa1024" else 2048)


def name(cn, serial=None):
    parts = [x509.NameAttribute(NameOID.COUNTRY_NAME, "IT"), x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Prova")]
    if serial:
        parts.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, "TINIT-" + serial))
    return x509.Name(parts + [x509.NameAttribute(NameOID.COMMON_NAME, cn)])


class Cert:
    def __init__(self, cn, issuer=None, kind="rsa", ca=False, usage=("content_commitment",), eku=None,
                 start=NOW - 30 * DAY, end=NOW + 700 * DAY, digest=hashes.SHA256(), critical_eku=False):
        self.key = key(kind)
        subject = name(cn, None if ca or eku else "DLVRFO57L04X000A")
        b = (x509.CertificateBuilder().subject_name(subject)
             .issuer_name(issuer.cert.subject if issuer else subject).public_key(self.key.public_key())
             .serial_number(x509.random_serial_number()).not_valid_before(start).not_valid_after(end))
        b = b.add_extension(x509.BasicConstraints(ca, None), critical=True)
        flags = dict.fromkeys(["digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
                               "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"], False)
        for u in (("key_cert_sign", "crl_sign") if ca else usage):
            flags[u] = True
        b = b.add_extension(x509.KeyUsage(**flags), critical=True)
        if eku:
            b = b.add_extension(x509.ExtendedKeyUsage(eku), critical=critical_eku)
            if ExtendedKeyUsageOID.OCSP_SIGNING in eku:
                b = b.add_extension(x509.OCSPNoCheck(), critical=False)
        b = b.add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False)
        if issuer:
            # pyHanko asks about revocation only where a certificate says who answers.
            b = b.add_extension(x509.CRLDistributionPoints([x509.DistributionPoint(
                [x509.UniformResourceIdentifier("http://crl.invalid/ca.crl")], None, None, None)]), critical=False)
            b = b.add_extension(x509.AuthorityInformationAccess([x509.AccessDescription(
                x509.oid.AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier("http://ocsp.invalid"))]), critical=False)
            b = b.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), critical=False)
        self.cert = b.sign((issuer or self).key, digest)
        self.issuer = issuer

    def der(self):
        return self.cert.public_bytes(serialization.Encoding.DER)

    def pem(self):
        return self.cert.public_bytes(serialization.Encoding.PEM)

    def asn1(self):
        return ax509.Certificate.load(self.der())

    def key_pem(self):
        return self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())

    def asn1_key(self):
        return akeys.PrivateKeyInfo.load(self.key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))

    def chain(self):
        above = []
        c = self.issuer
        while c is not None and c.issuer is not None:
            above.append(c.asn1())
            c = c.issuer
        return above


root = Cert("Radice di prova", ca=True, end=NOW + 3650 * DAY)
ca = Cert("CA di prova", root, ca=True, end=NOW + 3000 * DAY)
other_root = Cert("Radice di altri", ca=True)
rsa_signer = Cert("Rofilo Del Vecchio", ca)
p256 = Cert("Noemi Cella", ca, "p256")
p384 = Cert("Ilia Sarno", ca, "p384")
auth = Cert("Autenticazione", ca, usage=("digital_signature", "key_encipherment"))
expired = Cert("Scaduto", ca, start=NOW - 400 * DAY, end=NOW - 5 * DAY)
future = Cert("Futuro", ca, start=NOW + 5 * DAY, end=NOW + 400 * DAY)
stranger = Cert("Estraneo", other_root)
weak_key = Cert("Chiave debole", ca, "rsa1024")
weak_cert = None
revoked = Cert("Revocato", ca, "p256")
tsa = Cert("Marche di prova", ca, usage=("digital_signature",), eku=[ExtendedKeyUsageOID.TIME_STAMPING], critical_eku=True)
other_tsa = Cert("Marche di altri", other_root, usage=("digital_signature",), eku=[ExtendedKeyUsageOID.TIME_STAMPING], critical_eku=True)
not_tsa = Cert("Non marche", ca, usage=("digital_signature",), eku=[ExtendedKeyUsageOID.SERVER_AUTH], critical_eku=True)
responder = Cert("Risponditore", ca, usage=("digital_signature",), eku=[ExtendedKeyUsageOID.OCSP_SIGNING])
with open(os.path.join(OUT, "root.pem"), "wb") as f:
    f.write(root.pem())


def crl(issuer, revoked_certs=(), at=None):
    b = (x509.CertificateRevocationListBuilder().issuer_name(issuer.cert.subject)
         .last_update((at or NOW) - DAY).next_update((at or NOW) + 20 * DAY))
    for c in revoked_certs:
        b = b.add_revoked_certificate(x509.RevokedCertificateBuilder().serial_number(c.cert.serial_number)
                                      .revocation_date(NOW - 2 * DAY).build())
    return b.sign(issuer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def ocsp(cert, issuer, good=True):
    b = x509.ocsp.OCSPResponseBuilder().add_response(
        cert=cert.cert, issuer=issuer.cert, algorithm=hashes.SHA1(),
        cert_status=x509.ocsp.OCSPCertStatus.GOOD if good else x509.ocsp.OCSPCertStatus.REVOKED,
        this_update=NOW - DAY, next_update=NOW + 20 * DAY,
        revocation_time=None if good else NOW - 2 * DAY, revocation_reason=None)
    b = b.responder_id(x509.ocsp.OCSPResponderEncoding.HASH, responder.cert).certificates([responder.cert])
    return b.sign(responder.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


import cryptography.x509.ocsp  # noqa: E402  (x509.ocsp is not loaded by itself)

ROOT_CRL = crl(root)
CA_CRL = crl(ca, [revoked])


def store(*certs):
    s = SimpleCertificateStore()
    s.register_multiple(certs)
    return s


def signer(c, pss=False, digest=None):
    return signers.SimpleSigner(signing_cert=c.asn1(), signing_key=c.asn1_key(), cert_registry=store(*c.chain()),
                                prefer_pss=pss, embed_roots=False)


STAMPER = timestamps.DummyTimeStamper(tsa.asn1(), tsa.asn1_key(), certs_to_embed=store(tsa.asn1(), ca.asn1()))


def context(crls=(), ocsps=()):
    return ValidationContext(trust_roots=[root.asn1()], other_certs=[ca.asn1(), tsa.asn1()], allow_fetching=False,
                             crls=[acrl.CertificateList.load(c) for c in crls],
                             ocsps=[aocsp.OCSPResponse.load(o) for o in ocsps], revocation_mode="soft-fail")


# Documents.

def base(stream_xrefs=False, pages=1, form=False, empty=None, overlay=False, annotation=False):
    w = PdfFileWriter(stream_xrefs=stream_xrefs)
    font = w.add_object(generic.DictionaryObject({
        pdf_name("/Type"): pdf_name("/Font"), pdf_name("/Subtype"): pdf_name("/Type1"), pdf_name("/BaseFont"): pdf_name("/Helvetica")}))
    for n in range(pages):
        res = generic.DictionaryObject({pdf_name("/Font"): generic.DictionaryObject({pdf_name("/F1"): font})})
        content = b"BT /F1 12 Tf 72 720 Td (Referto %d: pressione 120/80) Tj ET" % n
        if overlay:
            box = generic.StreamObject({
                pdf_name("/Type"): pdf_name("/XObject"), pdf_name("/Subtype"): pdf_name("/Form"),
                pdf_name("/BBox"): generic.ArrayObject(map(generic.NumberObject, (0, 0, 300, 50)))},
                stream_data=b"1 g 0 0 300 50 re f")
            res[pdf_name("/XObject")] = generic.DictionaryObject({pdf_name("/X1"): w.add_object(box)})
            content += b" q 1 0 0 1 60 700 cm /X1 Do Q"
        page = generic.DictionaryObject({
            pdf_name("/Type"): pdf_name("/Page"), pdf_name("/Resources"): res,
            pdf_name("/MediaBox"): generic.ArrayObject(map(generic.NumberObject, (0, 0, 595, 842))),
            pdf_name("/Contents"): w.add_object(generic.StreamObject(stream_data=content))})
        if annotation:
            page[pdf_name("/Annots")] = generic.ArrayObject([w.add_object(note("nota"))])
        w.insert_page(page) if hasattr(w, "insert_page") else None
    if form:
        field = w.add_object(generic.DictionaryObject({
            pdf_name("/FT"): pdf_name("/Tx"), pdf_name("/T"): generic.TextStringObject("Esito"),
            pdf_name("/V"): generic.TextStringObject("negativo"), pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/Widget"), pdf_name("/F"): generic.NumberObject(4),
            pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (72, 600, 272, 620)))}))
        w.root[pdf_name("/AcroForm")] = w.add_object(generic.DictionaryObject({
            pdf_name("/Fields"): generic.ArrayObject([field])}))
        page = w.root["/Pages"]["/Kids"][0].get_object()
        page[pdf_name("/Annots")] = generic.ArrayObject([field])
    out = io.BytesIO()
    w.write(out)
    data = out.getvalue()
    if empty:
        w2 = IncrementalPdfFileWriter(io.BytesIO(data))
        fields.append_signature_field(w2, SigFieldSpec(empty, box=(300, 100, 400, 150)))
        out = io.BytesIO()
        w2.write(out)
        data = out.getvalue()
    return data


def note(text):
    return generic.DictionaryObject({
        pdf_name("/Type"): pdf_name("/Annot"), pdf_name("/Subtype"): pdf_name("/FreeText"),
        pdf_name("/Contents"): generic.TextStringObject(text), pdf_name("/DA"): generic.TextStringObject("/Helv 12 Tf 0 g"),
        pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (72, 700, 300, 740)))})


def sign(data, c=None, field="Firma1", pss=False, stamp=False, lt=False, lta=False, certify=None, digest="sha256",
         subfilter=SigSeedSubFilter.PADES, ctx=None, box=None, the_signer=None):
    c = c or rsa_signer
    meta = signers.PdfSignatureMetadata(
        field_name=field, md_algorithm=digest, subfilter=subfilter, certify=certify is not None,
        docmdp_permissions=certify or MDPPerm.FILL_FORMS, embed_validation_info=lt, use_pades_lta=lta,
        validation_context=(ctx or context([ROOT_CRL, CA_CRL])) if lt else None)
    w = IncrementalPdfFileWriter(io.BytesIO(data), strict=False)
    spec = SigFieldSpec(field, box=box) if box else None
    out = signers.PdfSigner(meta, the_signer or signer(c, pss), timestamper=STAMPER if stamp or lta else None,
                            new_field_spec=spec).sign_pdf(w)
    return out.getvalue()


def update(data, change):
    """Appends a revision made by `change(writer)`."""
    w = IncrementalPdfFileWriter(io.BytesIO(data), strict=False)
    change(w)
    out = io.BytesIO()
    w.write(out)
    return out.getvalue()


def first_page(w):
    return w.root["/Pages"]["/Kids"][0].get_object()


BASES = {
    "tabella": base(), "flussi": base(stream_xrefs=True), "pagine": base(pages=3), "modulo": base(form=True),
    "nota": base(annotation=True), "velo": base(overlay=True),
}

# Good ones.
GOOD = {}
for bn, data in BASES.items():
    for cn, c in (("rsa", rsa_signer), ("p256", p256), ("p384", p384)):
        n = "ok-%s-%s.pdf" % (bn, cn)
        GOOD[n] = keep(n, sign(data, c), 0, "B-B")
for d in ("sha384", "sha512"):
    GOOD[d] = keep("ok-%s.pdf" % d, sign(BASES["tabella"], digest=d), 0, "B-B " + d)
keep("ok-pss.pdf", sign(BASES["tabella"], pss=True), 0, "B-B RSA-PSS")
keep("ok-visibile.pdf", sign(BASES["tabella"], box=(100, 100, 200, 150)), 0, "B-B visible")
for bn in ("tabella", "flussi"):
    t = GOOD["t" + bn] = keep("ok-%s-t.pdf" % bn, sign(BASES[bn], stamp=True), 0, "B-T")
    lt = GOOD["lt" + bn] = keep("ok-%s-lt.pdf" % bn, sign(BASES[bn], stamp=True, lt=True), 0, "B-LT")
    lta = GOOD["lta" + bn] = keep("ok-%s-lta.pdf" % bn, sign(BASES[bn], lt=True, lta=True), 0, "B-LTA")
    two = GOOD["due" + bn] = keep("ok-%s-due.pdf" % bn, sign(sign(BASES[bn]), p256, "Firma2"), 0, "two signatures")
    keep("ok-%s-tre.pdf" % bn, sign(two, p384, "Firma3"), 0, "three signatures")
    keep("ok-%s-due-visibile.pdf" % bn, sign(sign(BASES[bn]), p256, "Firma2", box=(100, 200, 200, 260)), 0, "a visible second one")
    keep("ok-%s-lt-poi-firma.pdf" % bn, sign(lt, p256, "Firma2"), 0, "a signature after B-LT")
keep("ok-ocsp.pdf", sign(BASES["tabella"], stamp=True, lt=True, ctx=context([ROOT_CRL], [
    ocsp(rsa_signer, ca), ocsp(tsa, ca)])), 0, "B-LT with OCSP")
for p in (MDPPerm.NO_CHANGES, MDPPerm.FILL_FORMS, MDPPerm.ANNOTATE):
    GOOD["cert%d" % p.value] = keep("ok-certificata-%d.pdf" % p.value, sign(BASES["modulo"], certify=p), 0, "certified P=%d" % p.value)
    keep("ok-certificata-%d-lt.pdf" % p.value, sign(BASES["modulo"], certify=p, stamp=True, lt=True, lta=True), 0,
         "certified P=%d, then DSS and time-stamp" % p.value)
    if p != MDPPerm.NO_CHANGES:  # pyHanko refuses to make the other
        keep("ok-certificata-%d-poi-firma.pdf" % p.value, sign(GOOD["cert%d" % p.value], p256, "Firma2"), 0,
             "certified P=%d, then signed" % p.value)
empty = base(empty="Vuoto")
keep("ok-campo-vuoto-riempito.pdf", sign(sign(empty), p256, "Vuoto"), 0, "an empty field signed later")
keep("ok-campo-vuoto.pdf", sign(empty), 0, "an empty field left")
keep("ok-certificata-campo.pdf", sign(sign(empty, certify=MDPPerm.FILL_FORMS), p256, "Vuoto"), 0, "certified, then the empty visible field")

# Not acceptable as they are.
for cn, c, what in (("autenticazione", auth, "authentication only"), ("scaduto", expired, "expired"), ("futuro", future, "not valid yet"),
                    ("estraneo", stranger, "another root"), ("debole", weak_key, "RSA 1024")):
    keep("no-%s.pdf" % cn, sign(BASES["tabella"], c), 1, what)
keep("no-sha1.pdf", sign(BASES["tabella"], digest="sha1"), 1, "SHA-1")
keep("no-adobe.pdf", sign(BASES["tabella"], subfilter=SigSeedSubFilter.ADOBE_PKCS7_DETACHED), 1, "adbe.pkcs7.detached")
for bn, data in BASES.items():
    keep("no-%s-senza-firma.pdf" % bn, data, 1, "unsigned")
keep("no-revocato-crl.pdf", sign(BASES["tabella"], revoked, stamp=True, lt=False), 0, "revoked, and nothing in the file says so")


def with_dss(data, crls=(), ocsps=()):
    def change(w):
        streams = lambda all: generic.ArrayObject([w.add_object(generic.StreamObject(stream_data=x)) for x in all])
        dss = generic.DictionaryObject({pdf_name("/Type"): pdf_name("/DSS"), pdf_name("/CRLs"): streams(crls),
                                        pdf_name("/OCSPs"): streams(ocsps), pdf_name("/Certs"): streams([ca.der()])})
        w.root[pdf_name("/DSS")] = w.add_object(dss)
        w.update_root()
    return update(data, change)


keep("no-revocato-dss-crl.pdf", with_dss(sign(BASES["tabella"], revoked), [ROOT_CRL, CA_CRL]), 1, "revoked by a CRL in the DSS")
keep("no-revocato-dss-ocsp.pdf", with_dss(sign(BASES["tabella"], revoked), [ROOT_CRL], [ocsp(revoked, ca, False)]), 1, "revoked by OCSP in the DSS")
keep("ok-dss-aggiunto.pdf", with_dss(sign(BASES["tabella"]), [ROOT_CRL, CA_CRL]), 0, "DSS added")
keep("ok-dss-estraneo.pdf", with_dss(sign(BASES["tabella"], revoked), [crl(other_root, [revoked])]), 0, "a CRL of another authority says nothing")


class Tampering(timestamps.DummyTimeStamper):
    async def async_timestamp(self, message_digest, md_algorithm):
        return await super().async_timestamp(hashlib.sha256(message_digest).digest(), md_algorithm)


def stamped_by(stamper):
    global STAMPER
    usual, STAMPER = STAMPER, stamper
    try:
        return sign(BASES["tabella"], stamp=True)
    finally:
        STAMPER = usual


keep("no-marca-di-altri.pdf", stamped_by(timestamps.DummyTimeStamper(
    other_tsa.asn1(), other_tsa.asn1_key(), certs_to_embed=store(other_tsa.asn1()))), 1, "time-stamp of an untrusted authority")
keep("no-marca-non-tsa.pdf", stamped_by(timestamps.DummyTimeStamper(
    not_tsa.asn1(), not_tsa.asn1_key(), certs_to_embed=store(not_tsa.asn1(), ca.asn1()))), 1, "time-stamp by a server certificate")
keep("no-marca-impronta.pdf", stamped_by(Tampering(tsa.asn1(), tsa.asn1_key(), certs_to_embed=store(tsa.asn1(), ca.asn1()))), 1,
     "time-stamp of something else")
keep("ok-scaduto-con-marca.pdf", None or sign(BASES["tabella"], Cert("Scade presto", ca, start=NOW - 300 * DAY, end=NOW + DAY), stamp=True),
     0, "a time-stamp before the end")


later = lambda days: (NOW + days * DAY).isoformat()
for n, e in (("ok-tabella-lt.pdf", 0), ("ok-tabella-lta.pdf", 0), ("ok-ocsp.pdf", 0), ("ok-tabella-t.pdf", 1), ("ok-tabella-rsa.pdf", 1)):
    ask(n, e, "revocation required", revocation="require")
ask("no-revocato-dss-crl.pdf", 0, "revoked, and nobody asks", revocation="none")
for n, e, days in (("ok-tabella-rsa.pdf", 0, 100), ("ok-tabella-rsa.pdf", 1, 800), ("ok-tabella-rsa.pdf", 1, -60), ("ok-tabella-t.pdf", 1, 800),
                   ("no-scaduto.pdf", 0, -10), ("no-futuro.pdf", 0, 10), ("ok-scaduto-con-marca.pdf", 0, 10)):
    ask(n, e, "as of %d days from now" % days, at=later(days))


# The CMS itself, rebuilt by hand.

def resign(data, change_attrs=None, change_info=None, c=None, digest="sha256"):
    """Rewrites the CMS in /Contents with other signed attributes and signs it again."""
    from cryptography.hazmat.primitives.asymmetric import padding
    c = c or rsa_signer
    m = re.search(rb"/Contents <([0-9a-fA-F]+)>", data)
    raw = bytes.fromhex(m.group(1).decode())
    ci = cms.ContentInfo.load(raw)
    sd = ci["content"]
    si = sd["signer_infos"][0]
    attrs = [a for a in si["signed_attrs"]]
    if change_attrs:
        attrs = change_attrs(attrs)
    si["signed_attrs"] = cms.CMSAttributes(attrs)
    tbs = cms.CMSAttributes(attrs).dump()
    si["signature"] = c.key.sign(tbs, padding.PKCS1v15(), hashes.SHA256())
    if change_info:
        change_info(sd, si)
    new = ci.dump(force=True)
    room = len(m.group(1)) // 2
    assert len(new) <= room
    return data[:m.start(1)] + new.hex().encode().ljust(room * 2, b"0") + data[m.end(1):]


plain = GOOD["ok-tabella-rsa.pdf"]
is_v2 = lambda a: a["type"].native == "signing_certificate_v2"
keep("ok-rifatta.pdf", resign(plain), 0, "the CMS written again")
keep("no-senza-signing-certificate.pdf", resign(plain, lambda a: [x for x in a if not is_v2(x)]), 1, "no signing-certificate")


def wrong_hash(attrs):
    for a in attrs:
        if is_v2(a):
            v = a["values"][0]["certs"][0]
            v["cert_hash"] = hashlib.sha256(b"altro").digest()
    return [cms.CMSAttribute({"type": a["type"], "values": a["values"]}) if not is_v2(a) else cms.CMSAttribute(
        {"type": "signing_certificate_v2", "values": [a["values"][0]]}) for a in attrs]


keep("no-signing-certificate-altro.pdf", resign(plain, wrong_hash), 1, "signing-certificate of another")
keep("no-signing-time.pdf", resign(plain, lambda a: a + [cms.CMSAttribute(
    {"type": "signing_time", "values": [cms.Time({"utc_time": NOW})]})]), 1, "signing-time attribute")
keep("no-senza-message-digest.pdf", resign(plain, lambda a: [x for x in a if x["type"].native != "message_digest"]), 1, "no message-digest")
keep("no-senza-content-type.pdf", resign(plain, lambda a: [x for x in a if x["type"].native != "content_type"]), 1, "no content-type")
keep("no-chiave-di-altri.pdf", resign(plain, c=stranger), 1, "signed by another key")


def no_certificates(sd, si):
    sd["certificates"] = cms.CertificateSet([])


keep("no-senza-certificati.pdf", resign(plain, change_info=no_certificates), 1, "no certificates")

# Later revisions that change what was signed.
MALIGN = {}


def malign(n, what):
    def wrap(f):
        MALIGN[n] = (what, f)
        return f
    return wrap


@malign("pagina", "page content replaced")
def _(w):
    page = first_page(w)
    page[pdf_name("/Contents")] = w.add_object(generic.StreamObject(stream_data=b"BT /F1 12 Tf 72 720 Td (Altro) Tj ET"))
    w.mark_update(page.container_ref)


@malign("contenuto", "the content stream itself replaced")
def _(w):
    ref = first_page(w).raw_get("/Contents")
    s = ref.get_object()
    s._data = b"BT /F1 12 Tf 72 720 Td (Altro) Tj ET"
    s._encoded_data = None
    w.mark_update(ref.reference)


@malign("nota", "an annotation over the page")
def _(w):
    page = first_page(w)
    refs = generic.ArrayObject(list(page.get("/Annots", [])))
    refs.append(w.add_object(note("falso")))
    page[pdf_name("/Annots")] = refs
    w.mark_update(page.container_ref)


@malign("misura", "the page's size")
def _(w):
    page = first_page(w)
    page[pdf_name("/MediaBox")] = generic.ArrayObject(map(generic.NumberObject, (0, 0, 100, 100)))
    w.mark_update(page.container_ref)


@malign("carattere", "a font swapped (shadow replace)")
def _(w):
    font = first_page(w)["/Resources"]["/Font"].raw_get("/F1")
    obj = font.get_object()
    obj[pdf_name("/BaseFont")] = pdf_name("/Symbol")
    w.mark_update(font.reference)


@malign("pagina-in-piu", "a page added")
def _(w):
    pages = w.root["/Pages"]
    new = generic.DictionaryObject({
        pdf_name("/Type"): pdf_name("/Page"), pdf_name("/Parent"): w.root.raw_get("/Pages"),
        pdf_name("/MediaBox"): generic.ArrayObject(map(generic.NumberObject, (0, 0, 595, 842)))})
    pages["/Kids"].append(w.add_object(new))
    pages[pdf_name("/Count")] = generic.NumberObject(pages["/Count"] + 1)
    w.mark_update(w.root.raw_get("/Pages").reference)


@malign("apertura", "an action on opening")
def _(w):
    w.root[pdf_name("/OpenAction")] = w.add_object(generic.DictionaryObject({
        pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): generic.TextStringObject("app.alert('x')")}))
    w.update_root()


@malign("livelli", "optional content switched on")
def _(w):
    w.root[pdf_name("/OCProperties")] = generic.DictionaryObject({pdf_name("/OCGs"): generic.ArrayObject([])})
    w.update_root()


@malign("catalogo", "another page tree")
def _(w):
    page = generic.DictionaryObject({
        pdf_name("/Type"): pdf_name("/Page"), pdf_name("/MediaBox"): generic.ArrayObject(map(generic.NumberObject, (0, 0, 595, 842)))})
    page_ref = w.add_object(page)
    tree = w.add_object(generic.DictionaryObject({
        pdf_name("/Type"): pdf_name("/Pages"), pdf_name("/Kids"): generic.ArrayObject([page_ref]), pdf_name("/Count"): generic.NumberObject(1)}))
    page[pdf_name("/Parent")] = tree
    w.root[pdf_name("/Pages")] = tree
    w.update_root()


@malign("allegato", "an attachment added")
def _(w):
    w.root[pdf_name("/Names")] = generic.DictionaryObject({pdf_name("/EmbeddedFiles"): generic.DictionaryObject({
        pdf_name("/Names"): generic.ArrayObject([])})})
    w.root[pdf_name("/AF")] = generic.ArrayObject([])
    w.update_root()


def raw_update(data, objects, free=()):
    """A revision written by hand: (number, body) pairs, and numbers to free."""
    prev = int(re.findall(rb"startxref\s+(\d+)", data)[-1])
    trailer_root = re.findall(rb"/Root (\d+ \d+ R)", data)[-1]
    size = max([int(s) for s in re.findall(rb"/Size (\d+)", data)] + [n + 1 for n, _ in objects])
    out = bytearray(data if data.endswith(b"\n") else data + b"\n")
    entries = {n: (0, 65535, b"f") for n in free}
    for n, body in objects:
        entries[n] = (len(out), 0, b"n")
        out += b"%d 0 obj\n" % n + body + b"\nendobj\n"
    at = len(out)
    out += b"xref\n"
    for n in sorted(entries):
        o, g, k = entries[n]
        out += b"%d 1\n%010d %05d %s \n" % (n, o, g, k)
    out += b"trailer\n<</Size %d /Root %s /Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer_root, prev, at)
    return bytes(out)


def number_of(data, getter):
    r = PdfFileReader(io.BytesIO(data), strict=False)
    return getter(r).reference.idnum


veil = GOOD["ok-velo-rsa.pdf"]
overlay = number_of(veil, lambda r: r.root["/Pages"]["/Kids"][0]["/Resources"]["/XObject"].raw_get("/X1"))
keep("no-ombra-nascondi.pdf", raw_update(veil, [], [overlay]), 1, "shadow hide: the veil freed")
keep("no-ombra-nascondi-2.pdf", raw_update(veil, [(overlay, b"null")]), 1, "shadow hide: the veil null")
content_at = number_of(plain, lambda r: r.root["/Pages"]["/Kids"][0].raw_get("/Contents"))
keep("no-ombra-scambia.pdf", raw_update(plain, [(content_at, b"<</Length 3>>\nstream\nq Q\nendstream")]), 1, "shadow replace: content")


def repointed(data):
    """Hide and replace: a revision that points a number at other bytes of the signed part."""
    prev = int(re.findall(rb"startxref\s+(\d+)", data)[-1])
    root_ref = re.findall(rb"/Root (\d+ \d+ R)", data)[-1]
    size = max(int(s) for s in re.findall(rb"/Size (\d+)", data))
    at = data.index(b"HIDDEN")
    where = data.rindex(b"%d 0 obj" % content_of_shadow, 0, at)
    out = bytearray(data if data.endswith(b"\n") else data + b"\n")
    xref = len(out)
    out += b"xref\n%d 1\n%010d 00000 n \n" % (content_of_shadow, where)
    out += b"trailer\n<</Size %d /Root %s /Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (size, root_ref, prev, xref)
    return bytes(out)


content_of_shadow = number_of(BASES["tabella"], lambda r: r.root["/Pages"]["/Kids"][0].raw_get("/Contents"))
hidden = b"%d 0 obj\n<</Length 12>>\nstream\nq %%HIDDEN Q\n\nendstream\nendobj\n" % content_of_shadow
shadow_base = BASES["tabella"]
cut = shadow_base.rindex(b"xref\n", 0, shadow_base.rindex(b"startxref"))
shadow_start = int(re.findall(rb"startxref\s+(\d+)", shadow_base)[-1])
moved = shadow_base[:cut] + hidden + shadow_base[cut:]
moved = moved[:moved.rindex(b"startxref")] + b"startxref\n%d\n%%%%EOF\n" % (shadow_start + len(hidden))
shadow = keep("ok-ombra-pronta.pdf", sign(moved), 0, "a hidden object, not yet shown")
keep("no-ombra-nascondi-e-scambia.pdf", repointed(shadow), 1, "shadow hide and replace")

for n, (what, change) in MALIGN.items():
    for gn in ("ok-tabella-rsa.pdf", "ok-flussi-p256.pdf", "cert2", "cert3"):
        try:
            keep("no-%s-%s" % (n, gn if gn.endswith(".pdf") else gn + ".pdf"), update(GOOD[gn], change), 1, what)
        except Exception as x:
            print("not made: %s %s: %r" % (n, gn, x))
for gn in ("cert1", "duetabella", "lttabella", "ltatabella"):
    for n in ("pagina", "nota"):
        keep("no-%s-%s.pdf" % (n, gn), update(GOOD[gn], MALIGN[n][1]), 1, MALIGN[n][0])


def fill(w):
    field = w.root["/AcroForm"]["/Fields"].raw_get(0)
    obj = field.get_object()
    obj[pdf_name("/V")] = generic.TextStringObject("positivo")
    w.mark_update(field.reference)


for n, e in (("ok-modulo-rsa.pdf", 1), ("cert1", 1), ("cert2", 0), ("cert3", 0)):
    keep("compilato-%s.pdf" % n.removesuffix(".pdf"), update(GOOD[n], fill), e, "a field filled")

# Byte ranges.
m = re.search(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)\s*\]", plain)
a, b, c, d = map(int, m.groups())


def with_range(text):
    old = m.group(0)
    new = b"/ByteRange [" + text + b"]"
    return plain[:m.start()] + new.ljust(len(old)) + plain[m.end():] if len(new) <= len(old) else plain


for n, text in (("negativo", b"0 -1 0 0"), ("vuoto", b""), ("tre", b"0 %d %d" % (b, c)), ("non-da-zero", b"1 %d %d %d" % (b - 1, c, d)),
                ("corto", b"0 %d %d %d" % (b, c, d - 10)), ("lungo", b"0 %d %d %d" % (b, c, d + 10)), ("null", b"null"),
                ("buco-largo", b"0 %d %d %d" % (b - 5, c, d)), ("enorme", b"0 99999999 1 1"), ("scambiato", b"0 %d %d %d" % (c, b, d))):
    keep("no-byterange-%s.pdf" % n, with_range(text), 1, "ByteRange " + n)
keep("no-senza-byterange.pdf", plain.replace(b"/ByteRange", b"/ByteRanga", 1), 1, "no ByteRange (universal forgery)")
keep("no-senza-contents.pdf", plain.replace(b"/Contents <", b"/Contentz <", 1), 1, "no Contents (universal forgery)")
keep("no-contents-null.pdf", plain[:b] + b"<>".ljust(c - b) + plain[c:], 1, "empty Contents")
keep("no-contents-zero.pdf", plain[:b] + b"<" + b"0" * (c - b - 2) + b">" + plain[c:], 1, "Contents of zeros")

# Signature wrapping: the second part moved, new content in between.
inserted = b"\n%d 0 obj\n<</Length 3>>\nstream\nq Q\nendstream\nendobj\n" % content_at
wrapped = plain[:c] + inserted + plain[c:]
wrapped = wrapped.replace(m.group(0), (b"/ByteRange [0 %d %d %d" % (b, c + len(inserted), d)).ljust(len(m.group(0)) - 1) + b"]", 1)
keep("no-swa.pdf", wrapped, 1, "signature wrapping")

# Appended, without a revision.
keep("no-isa-oggetto.pdf", plain + b"\n%d 0 obj\n<</Length 3>>\nstream\nq Q\nendstream\nendobj\n%%%%EOF\n" % content_at, 1, "an object appended, no xref")
keep("no-isa-trailer.pdf", plain + b"\n%d 0 obj\n<</Length 3>>\nstream\nq Q\nendstream\nendobj\ntrailer\n<</Root 1 0 R>>\nstartxref\n0\n%%%%EOF\n" % content_at,
     1, "an object appended, a false xref")
keep("no-coda.pdf", plain + b"\n% dopo\n", 1, "bytes after the end")
keep("no-due-file.pdf", plain + BASES["tabella"], 1, "another file after it")

# Encrypted, cut, not a PDF.
for n, user in (("proprietario", ""), ("utente", "segreta")):
    w = PdfFileWriter()
    r = PdfFileReader(io.BytesIO(BASES["tabella"]))
    from pyhanko.pdf_utils.writer import copy_into_new_writer
    w = copy_into_new_writer(r)
    w.encrypt(owner_pass="padrone", user_pass=user or "")
    out = io.BytesIO()
    w.write(out)
    keep("no-cifrato-%s.pdf" % n, out.getvalue(), 1, "encrypted (%s password)" % n)
for at in (0, 1, 10, 100, len(plain) // 2, len(plain) - 1000, len(plain) - 20, len(plain) - 2):
    keep("no-tagliato-%d.pdf" % at, plain[:at], 1, "cut at %d" % at)
keep("no-testo.pdf", b"questo non e' un PDF\n", 1, "a text")
keep("no-inizio.pdf", b"%PDF-1.7\n", 1, "a header alone")
keep("no-caso.pdf", random.randbytes(4000), 1, "random bytes")

# Flipped bits, inside what is covered.
for gn in ("ok-tabella-rsa.pdf", "ok-flussi-p256.pdf", "ltatabella", "duetabella"):
    data = GOOD[gn]
    r = re.search(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)\s*\]", data)
    ra, rb_, rc, rd = map(int, r.groups())
    for i in range(8):
        at = random.choice([random.randrange(0, rb_), random.randrange(rc, rc + rd)])
        flipped = bytearray(data)
        flipped[at] ^= 1 << random.randrange(8)
        keep("no-bit-%s-%d.pdf" % (gn.removesuffix(".pdf"), i), bytes(flipped), 1, "bit flipped at %d" % at)
    sig = re.search(rb"/Contents <([0-9a-fA-F]{1000,})>", data)
    flipped = bytearray(data)
    at = sig.start(1) + len(sig.group(1).rstrip(b"0")) - 20
    flipped[at] = ord("1") if flipped[at] != ord("1") else ord("2")
    if gn != "ltatabella":
        keep("no-cms-%s.pdf" % gn.removesuffix(".pdf"), bytes(flipped), 1, "the signature value")


# CAdES by OpenSSL.

def file(n, data):
    p = os.path.join(OUT, "keys", n)
    with open(p, "wb") as f:
        f.write(data)
    return p


KEYS = {n: (file(n + ".pem", k.pem()), file(n + ".key", k.key_pem())) for n, k in (
    ("rsa", rsa_signer), ("p256", p256), ("p384", p384), ("auth", auth), ("expired", expired), ("stranger", stranger), ("future", future))}
CA_FILE = file("ca.pem", ca.pem())
for n, k in (("rsa", rsa_signer), ("p256", p256), ("p384", p384)):
    file(n + ".p12", pkcs12.serialize_key_and_certificates(b"k", k.key, k.cert, [ca.cert], serialization.BestAvailableEncryption(b"12345678")))
    file("chain-" + n + ".pem", k.pem() + ca.pem())
CONTENT = b"Referto: pressione 120/80\n" * 20
content_file = path("contenuto.txt")
with open(content_file, "wb") as f:
    f.write(CONTENT)


def openssl(who, *extra, data=CONTENT, detached=False, cades=True):
    cert, k = KEYS[who]
    src = file("in.bin", data)
    dst = os.path.join(OUT, "keys", "out.p7m")
    cmd = ["openssl", "cms", "-sign", "-binary", "-in", src, "-signer", cert, "-inkey", k, "-certfile", CA_FILE, "-out", dst, "-md", "sha256"]
    cmd += [] if detached else ["-nodetach"]
    cmd += ["-cades"] if cades else []
    cmd += list(extra) if "-outform" in extra else ["-outform", "DER", *extra]
    subprocess.run(cmd, check=True, capture_output=True)
    with open(dst, "rb") as f:
        return f.read()


P7M = {}
for who in ("rsa", "p256", "p384"):
    P7M[who] = keep("ok-%s.p7m" % who, openssl(who), 0, "CAdES enveloping")
    keep("ok-%s-staccata.p7s" % who, openssl(who, detached=True), 0, "CAdES detached", "contenuto.txt")
    keep("ok-%s-base64.p7m" % who, base64.encodebytes(P7M[who]), 0, "base64")
    keep("ok-%s-pem.p7m" % who, openssl(who, "-outform", "PEM"), 0, "PEM")
    keep("ok-%s-ber.p7m" % who, openssl(who, "-stream"), 0, "BER")
keep("ok-pss.p7m", openssl("rsa", "-keyopt", "rsa_padding_mode:pss"), 0, "RSA-PSS")
keep("ok-sha512.p7m", openssl("rsa", "-md", "sha512"), 0, "SHA-512")
keep("ok-keyid.p7m", openssl("rsa", "-keyid"), 0, "named by key identifier")
keep("ok-annidata.p7m", openssl("p256", data=P7M["rsa"]), 0, "nested")
keep("ok-annidata-base64.p7m", openssl("p256", data=base64.encodebytes(P7M["rsa"])), 0, "nested in base64")
keep("ok-con-pdf.p7m", openssl("rsa", data=BASES["tabella"]), 0, "a PDF inside")
keep("no-sha1.p7m", openssl("rsa", "-md", "sha1"), 1, "SHA-1")
keep("no-senza-cades.p7m", openssl("rsa", cades=False), 1, "no signing-certificate")
keep("no-senza-attributi.p7m", openssl("rsa", "-noattr", cades=False), 1, "no attributes")
keep("no-senza-certificato.p7m", openssl("rsa", "-nocerts"), 1, "no certificate")
for who in ("auth", "expired", "stranger", "future"):
    keep("no-%s.p7m" % who, openssl(who), 1, who)
keep("no-staccata-senza-contenuto.p7s", openssl("rsa", detached=True), 1, "detached, no content")
keep("no-staccata-altro.p7s", openssl("rsa", detached=True, data=CONTENT + b"x"), 1, "detached, other content", "contenuto.txt")
keep("no-annidata-interna.p7m", openssl("p256", data=P7M["rsa"].replace(b"120/80", b"180/90")), 1, "nested, the inner one changed")
keep("no-contenuto.p7m", P7M["rsa"].replace(b"120/80", b"180/90"), 1, "content changed")
for at in (1, 20, 200, len(P7M["rsa"]) - 10):
    keep("no-tagliata-%d.p7m" % at, P7M["rsa"][:at], 1, "cut at %d" % at)
keep("no-coda.p7m", P7M["rsa"] + b"altro", 1, "bytes after the end")
for i in range(12):
    at = random.randrange(len(P7M["rsa"]) - 256, len(P7M["rsa"]))
    flipped = bytearray(P7M["rsa"])
    flipped[at] ^= 1 << random.randrange(8)
    keep("no-valore-%d.p7m" % i, bytes(flipped), 1, "signature value, bit flipped")
for i in range(8):
    at = P7M["rsa"].index(CONTENT[:20]) + random.randrange(len(CONTENT))
    flipped = bytearray(P7M["rsa"])
    flipped[at] ^= 1 << random.randrange(8)
    keep("no-contenuto-%d.p7m" % i, bytes(flipped), 1, "content, bit flipped")

with open(os.path.join(OUT, "expected.tsv"), "w") as f:
    for row in ROWS:
        f.write("\t".join(row) + "\n")
print(len(ROWS), "files")
