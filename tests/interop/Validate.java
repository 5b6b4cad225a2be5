// Judges signed documents with PDFBox 2 and Bouncy Castle, many in one run (tests/judges.py starts it).
//
//   java -cp pdfbox2.jar:fontbox2.jar:commons-logging.jar:bcprov.jar:bcutil.jar:bcpkix.jar
//        Validate.java ROOTS.pem TIMESTAMP-ROOTS.pem FILE...
//
// One line for each file, fields apart by tabs: name, "accepted" or "refused", what was found.
// Exit code 0 where all are accepted, 1 where one is refused.

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.Security;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.pdfbox.cos.COSArray;
import org.apache.pdfbox.cos.COSBase;
import org.apache.pdfbox.cos.COSDictionary;
import org.apache.pdfbox.cos.COSName;
import org.apache.pdfbox.cos.COSString;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.interactive.digitalsignature.PDSignature;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.ess.ESSCertIDv2;
import org.bouncycastle.asn1.ess.SigningCertificateV2;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.SignerId;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.tsp.TimeStampToken;
import org.bouncycastle.util.Store;

public final class Validate {
    private static final COSName PERMS = COSName.getPDFName("Perms");
    private static final COSName DOC_MDP = COSName.getPDFName("DocMDP");

    public static void main(String[] args) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        Set<TrustAnchor> roots = anchors(Path.of(args[0]));
        Set<TrustAnchor> timeRoots = anchors(Path.of(args[1]));
        boolean good = true;
        for (String name : Arrays.asList(args).subList(2, args.length)) {
            Path path = Path.of(name);
            String said;
            try {
                said = "accepted\t" + judge(path, roots, timeRoots);
            } catch (Exception | StackOverflowError error) {
                good = false;
                said = "refused\t" + String.valueOf(error).replaceAll("\\s+", " ");
            }
            System.out.println(path.getFileName() + "\t" + said);
        }
        System.exit(good ? 0 : 1);
    }

    private static String judge(Path path, Set<TrustAnchor> roots, Set<TrustAnchor> timeRoots)
            throws Exception {
        byte[] file = Files.readAllBytes(path);
        try (PDDocument document = PDDocument.load(file)) {
            List<PDSignature> signatures = document.getSignatureDictionaries();
            demand(signatures.size() == 1, "signatures: " + signatures.size());
            PDSignature signature = signatures.get(0);
            demand("ETSI.CAdES.detached".equals(signature.getSubFilter()), "sub-filter");
            byte[] contents = contents(file, signature);
            demand(permission(document, signature) == 1, "DocMDP does not forbid every change");
            Date signed = signature.getSignDate().getTime();
            return cms(signature.getSignedContent(file), contents, signed, roots, timeRoots);
        }
    }

    // What the range leaves out is the hexadecimal digits of /Contents alone.
    private static byte[] contents(byte[] file, PDSignature signature) throws Exception {
        int[] range = signature.getByteRange();
        demand(range.length == 4 && range[0] == 0, "range does not begin the file");
        demand(range[2] + range[3] == file.length, "range does not end the file");
        demand(range[1] < range[2], "range");
        demand(file[range[1]] == '<' && file[range[2] - 1] == '>', "hole is not a hex string");
        byte[] contents = signature.getContents(file);
        demand(range[2] - range[1] - 2 == 2 * contents.length, "hole holds more than the contents");
        COSBase parsed = signature.getCOSObject().getDictionaryObject(COSName.CONTENTS);
        demand(parsed instanceof COSString
                && Arrays.equals(((COSString) parsed).getBytes(), contents), "contents are elsewhere");
        return contents;
    }

    // As PDFBox's example SigUtils reads it, but from the catalog, where a viewer looks.
    private static int permission(PDDocument document, PDSignature signature) throws Exception {
        COSBase perms = document.getDocumentCatalog().getCOSObject().getDictionaryObject(PERMS);
        demand(perms instanceof COSDictionary, "no permissions");
        COSBase certified = ((COSDictionary) perms).getDictionaryObject(DOC_MDP);
        demand(certified == signature.getCOSObject(), "permissions name another signature");
        COSBase references = signature.getCOSObject().getDictionaryObject("Reference");
        demand(references instanceof COSArray && ((COSArray) references).size() == 1, "references");
        COSDictionary reference = (COSDictionary) ((COSArray) references).getObject(0);
        COSName method = reference.getCOSName(COSName.getPDFName("TransformMethod"));
        demand(DOC_MDP.equals(method), "transform");
        COSDictionary parameters =
                (COSDictionary) reference.getDictionaryObject("TransformParams");
        return parameters.getInt(COSName.P, 2);
    }

    private static String cms(
            byte[] covered, byte[] contents, Date signed, Set<TrustAnchor> roots,
            Set<TrustAnchor> timeRoots) throws Exception {
        CMSSignedData data = new CMSSignedData(new CMSProcessableByteArray(covered), contents);
        Collection<SignerInformation> signers = data.getSignerInfos().getSigners();
        demand(signers.size() == 1, "signers: " + signers.size());
        SignerInformation signer = signers.iterator().next();
        X509CertificateHolder own = only(data.getCertificates(), signer.getSID());
        demand(signer.verify(new JcaSimpleSignerInfoVerifierBuilder().setProvider("BC").build(own)),
                "signature");
        demand(names(signer, own), "signing certificate is not named by its hash");
        path(own, data.getCertificates(), roots, signed);
        String found = own.getSubject() + "\t" + signer.getEncryptionAlgOID();
        TimeStampToken stamp = stamp(signer);
        if (stamp == null) {
            return "B-B\t" + found;
        }
        X509CertificateHolder stamper = only(stamp.getCertificates(), stamp.getSID());
        stamp.validate(new JcaSimpleSignerInfoVerifierBuilder().setProvider("BC").build(stamper));
        String algorithm = stamp.getTimeStampInfo().getMessageImprintAlgOID().getId();
        byte[] imprint = MessageDigest.getInstance(algorithm, "BC").digest(signer.getSignature());
        demand(Arrays.equals(imprint, stamp.getTimeStampInfo().getMessageImprintDigest()),
                "time-stamp speaks of another signature");
        path(stamper, stamp.getCertificates(), timeRoots, stamp.getTimeStampInfo().getGenTime());
        return "B-T\t" + found;
    }

    // ESS signing-certificate-v2 (RFC 5035), which CAdES demands.
    private static boolean names(SignerInformation signer, X509CertificateHolder own)
            throws Exception {
        Attribute attribute =
                signer.getSignedAttributes().get(PKCSObjectIdentifiers.id_aa_signingCertificateV2);
        if (attribute == null) {
            return false;
        }
        ESSCertIDv2 named =
                SigningCertificateV2.getInstance(attribute.getAttributeValues()[0]).getCerts()[0];
        String algorithm = named.getHashAlgorithm().getAlgorithm().getId();
        byte[] hash = MessageDigest.getInstance(algorithm, "BC").digest(own.getEncoded());
        return Arrays.equals(hash, named.getCertHash());
    }

    private static TimeStampToken stamp(SignerInformation signer) throws Exception {
        if (signer.getUnsignedAttributes() == null) {
            return null;
        }
        Attribute attribute =
                signer.getUnsignedAttributes().get(PKCSObjectIdentifiers.id_aa_signatureTimeStampToken);
        demand(attribute != null && attribute.getAttributeValues().length == 1, "time-stamp");
        return new TimeStampToken(new CMSSignedData(
                attribute.getAttributeValues()[0].toASN1Primitive().getEncoded()));
    }

    @SuppressWarnings("unchecked")
    private static X509CertificateHolder only(
            Store<X509CertificateHolder> store, SignerId id) throws Exception {
        Collection<X509CertificateHolder> found = store.getMatches(id);
        demand(found.size() == 1, "certificates of the signer: " + found.size());
        return found.iterator().next();
    }

    private static void path(
            X509CertificateHolder own, Store<X509CertificateHolder> beside, Set<TrustAnchor> roots,
            Date at) throws Exception {
        JcaX509CertificateConverter converter =
                new JcaX509CertificateConverter().setProvider("BC");
        List<X509Certificate> all = new ArrayList<>();
        for (X509CertificateHolder one : beside.getMatches(null)) {
            all.add(converter.getCertificate(one));
        }
        X509CertSelector target = new X509CertSelector();
        target.setCertificate(converter.getCertificate(own));
        PKIXBuilderParameters parameters = new PKIXBuilderParameters(roots, target);
        parameters.addCertStore(
                CertStore.getInstance("Collection", new CollectionCertStoreParameters(all)));
        parameters.setRevocationEnabled(false);
        parameters.setDate(at);
        CertPathBuilder.getInstance("PKIX", "BC").build(parameters);
    }

    private static Set<TrustAnchor> anchors(Path path) throws Exception {
        Set<TrustAnchor> found = new HashSet<>();
        try (InputStream in = Files.newInputStream(path)) {
            for (Object one : CertificateFactory.getInstance("X.509", "BC").generateCertificates(in)) {
                found.add(new TrustAnchor((X509Certificate) one, null));
            }
        }
        return found;
    }

    private static void demand(boolean held, String what) throws Exception {
        if (!held) {
            throw new Exception(what);
        }
    }
}
