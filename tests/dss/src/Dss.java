import eu.europa.esig.dss.cades.CAdESSignatureParameters;
import eu.europa.esig.dss.cades.signature.CAdESService;
import eu.europa.esig.dss.enumerations.DigestAlgorithm;
import eu.europa.esig.dss.enumerations.EncryptionAlgorithm;
import eu.europa.esig.dss.enumerations.Indication;
import eu.europa.esig.dss.enumerations.SignatureLevel;
import eu.europa.esig.dss.enumerations.SignaturePackaging;
import eu.europa.esig.dss.model.DSSDocument;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.model.ToBeSigned;
import eu.europa.esig.dss.model.x509.CertificateToken;
import eu.europa.esig.dss.pades.PAdESSignatureParameters;
import eu.europa.esig.dss.pades.signature.PAdESService;
import eu.europa.esig.dss.service.crl.OnlineCRLSource;
import eu.europa.esig.dss.service.http.commons.CommonsDataLoader;
import eu.europa.esig.dss.service.http.commons.OCSPDataLoader;
import eu.europa.esig.dss.service.http.commons.TimestampDataLoader;
import eu.europa.esig.dss.service.ocsp.OnlineOCSPSource;
import eu.europa.esig.dss.service.tsp.OnlineTSPSource;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.validation.CertificateVerifier;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.token.DSSPrivateKeyEntry;
import eu.europa.esig.dss.token.Pkcs12SignatureToken;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import eu.europa.esig.dss.validation.reports.Reports;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.KeyStore.PasswordProtection;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/**
 * EU DSS at a pipe: one question a line, its words apart by tabs; one answer a line.
 *
 *   validate FILE TRUST CONTENT     INDICATION/SUB-INDICATION/LEVEL for each signature, apart by blanks ("-" for what is not there)
 *   sign     FILE OUT LEVEL DETACHED PSS P12 PASSWORD TSA TRUST     "made"
 *
 * TRUST is a PEM file; CONTENT what a detached signature signs. Revocation is asked where the certificates say, which is on
 * loopback. The validation policy is the one that DSS brings. A question that DSS cannot take is answered by "fault" and why.
 */
public final class Dss {
    private Dss() {
    }

    public static void main(String[] arguments) throws IOException {
        // What libraries print must not stand between the answers.
        PrintStream answers = System.out;
        System.setOut(System.err);
        BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = questions.readLine(); line != null; line = questions.readLine()) {
            answers.println(answer(line.split("\t", -1)).replaceAll("\\s+", " "));
            answers.flush();
        }
    }

    private static String answer(String[] words) {
        try {
            switch (words[0]) {
                case "validate":
                    return validate(words);
                case "sign":
                    return sign(words);
                default:
                    return "fault unknown question";
            }
        } catch (Exception | LinkageError e) {
            return "fault " + e;
        }
    }

    private static String validate(String[] words) throws Exception {
        SignedDocumentValidator validator = SignedDocumentValidator.fromDocument(new FileDocument(words[1]));
        validator.setCertificateVerifier(verifier(words[2]));
        if (!words[3].isEmpty()) {
            validator.setDetachedContents(List.of(new FileDocument(words[3])));
        }
        Reports reports = validator.validateDocument();
        String wanted = System.getenv("POSTAZIONE_DSS_REPORTS");
        if (wanted != null) {
            String name = new File(words[1]).getParentFile().getName() + "-" + new File(words[1]).getName();
            Files.writeString(new File(wanted, name + ".xml").toPath(), reports.getXmlSimpleReport());
        }
        SimpleReport report = reports.getSimpleReport();
        List<String> judged = new ArrayList<>();
        for (String id : report.getSignatureIdList()) {
            Indication indication = report.getIndication(id);
            Object sub = report.getSubIndication(id);
            Object level = report.getSignatureFormat(id);
            judged.add(indication + "/" + (sub == null ? "-" : sub) + "/" + (level == null ? "-" : level));
        }
        return judged.isEmpty() ? "unsigned" : String.join(" ", judged);
    }

    private static CertificateVerifier verifier(String trust) throws Exception {
        CommonTrustedCertificateSource anchors = new CommonTrustedCertificateSource();
        try (InputStream pem = Files.newInputStream(new File(trust).toPath())) {
            for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                anchors.addCertificate(new CertificateToken((X509Certificate) one));
            }
        }
        CommonCertificateVerifier verifier = new CommonCertificateVerifier();
        verifier.setTrustedCertSources(anchors);
        verifier.setOcspSource(new OnlineOCSPSource(new OCSPDataLoader()));
        verifier.setCrlSource(new OnlineCRLSource(new CommonsDataLoader()));
        return verifier;
    }

    private static String sign(String[] words) throws Exception {
        DSSDocument document = new FileDocument(words[1]);
        SignatureLevel level = SignatureLevel.valueByName(words[3]);
        boolean detached = words[4].equals("detached");
        OnlineTSPSource stamps = new OnlineTSPSource(words[8], new TimestampDataLoader());
        CertificateVerifier verifier = verifier(words[9]);
        try (Pkcs12SignatureToken token =
                new Pkcs12SignatureToken(words[6], new PasswordProtection(words[7].toCharArray()))) {
            DSSPrivateKeyEntry key = token.getKeys().get(0);
            EncryptionAlgorithm algorithm = key.getEncryptionAlgorithm();
            if (words[5].equals("pss")) {
                algorithm = EncryptionAlgorithm.RSASSA_PSS;
            }
            DSSDocument signed;
            if (words[3].startsWith("PAdES")) {
                PAdESService service = new PAdESService(verifier);
                service.setTspSource(stamps);
                PAdESSignatureParameters parameters = new PAdESSignatureParameters();
                parameters.setSignatureLevel(level);
                parameters.setDigestAlgorithm(DigestAlgorithm.SHA256);
                parameters.setSigningCertificate(key.getCertificate());
                parameters.setCertificateChain(key.getCertificateChain());
                parameters.setEncryptionAlgorithm(algorithm);
                ToBeSigned asked = service.getDataToSign(document, parameters);
                signed = service.signDocument(document, parameters,
                        token.sign(asked, parameters.getSignatureAlgorithm(), key));
            } else {
                CAdESService service = new CAdESService(verifier);
                service.setTspSource(stamps);
                CAdESSignatureParameters parameters = new CAdESSignatureParameters();
                parameters.setSignatureLevel(level);
                parameters.setSignaturePackaging(
                        detached ? SignaturePackaging.DETACHED : SignaturePackaging.ENVELOPING);
                parameters.setDigestAlgorithm(DigestAlgorithm.SHA256);
                parameters.setSigningCertificate(key.getCertificate());
                parameters.setCertificateChain(key.getCertificateChain());
                parameters.setEncryptionAlgorithm(algorithm);
                ToBeSigned asked = service.getDataToSign(document, parameters);
                signed = service.signDocument(document, parameters,
                        token.sign(asked, parameters.getSignatureAlgorithm(), key));
            }
            signed.save(words[2]);
            return "made";
        }
    }
}
