// Holds documents against PDF/A-1b with PDFBox's preflight, many in one run (tests/judges.py starts it).
//
// One line for each fault, fields apart by tabs: name of the file, code, what is wrong; a file without
// faults has none.

import java.io.File;
import org.apache.pdfbox.preflight.PreflightDocument;
import org.apache.pdfbox.preflight.ValidationResult;
import org.apache.pdfbox.preflight.exception.SyntaxValidationException;
import org.apache.pdfbox.preflight.parser.PreflightParser;

public final class Preflight {
    public static void main(String[] args) throws Exception {
        for (String name : args) {
            File file = new File(name);
            for (ValidationResult.ValidationError fault : judge(file).getErrorsList()) {
                System.out.println(
                        file.getName() + "\t" + fault.getErrorCode() + "\t"
                                + fault.getDetails().replaceAll("\\s+", " "));
            }
        }
    }

    private static ValidationResult judge(File file) throws Exception {
        PreflightParser parser = new PreflightParser(file);
        try {
            parser.parse();
            try (PreflightDocument document = parser.getPreflightDocument()) {
                document.validate();
                return document.getResult();
            }
        } catch (SyntaxValidationException error) {
            return error.getResult();
        }
    }
}
