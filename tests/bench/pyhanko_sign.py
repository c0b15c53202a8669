"""Signs the reports of `signing_figures` with pyHanko and the same token: MODULE COUNT. Prints the milliseconds.

As for the program under measure, the session is open and the certificates are known before the clock starts, files are in
memory before and after, and each signature is PAdES with SHA-256 and an invisible field. pyHanko does not verify what it
made; the program does.
"""
import io
import json
import os
import sys
import time

from pyhanko.config.pkcs11 import TokenCriteria
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session

module, count = sys.argv[1], int(sys.argv[2])
folder = os.environ["SIGNING_FIGURES_FOLDER"]
documents = []
for n in range(count):
    with open(os.path.join(folder, f"{n}.pdf"), "rb") as file:
        documents.append(file.read())
session = open_pkcs11_session(
    module,
    token_criteria=TokenCriteria(label=os.environ["SIGNING_FIGURES_TOKEN"]),
    user_pin=os.environ["SIGNING_FIGURES_PIN"],
)
signer = PKCS11Signer(session, cert_id=bytes([2]), key_id=bytes([2]), bulk_fetch=True)
_ = signer.signing_cert
settings = signers.PdfSignatureMetadata(
    field_name="Firma1", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES
)
pdf_signer = signers.PdfSigner(settings, signer)
began = time.perf_counter()
signed = [
    pdf_signer.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(document))).getbuffer() for document in documents
]
ms = (time.perf_counter() - began) * 1000
assert len(signed) == count
for n, pdf in enumerate(signed):
    with open(os.path.join(folder, f"pyhanko-{n}.pdf"), "wb") as file:
        file.write(pdf)
print(json.dumps({"ms": ms}))
