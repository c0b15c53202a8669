/** Patients and documents. */
import { fill, press, screen, see } from './steps.mjs'

const documents = press('place-documents')

export const PATIENT = [
  screen('13-patients', 'gp', [press('place-patients'), fill('patient-search', 'ra'), see('patient-petracchi')]),
  screen('13-patients-many', 'gp-many', [press('place-patients'), see('patients-more')]),
  screen('13-patient', 'gp', [press('place-patients', 'patient-santelmi'), see('documents')]),
  screen(
    '15-documents',
    'gp',
    [documents, fill('document-search', 'marottoli'), press('document-marottoli-1'), see('document-detail')],
    1200,
  ),
  screen('15-documents-offline', 'gp-offline', [
    documents,
    fill('document-search', 'ecocardiogramma marottoli'),
    press('document-marottoli-3'),
    see('failure-region_unreachable'),
  ]),
  screen('15-documents-empty', 'gp-empty', [documents, see('documents-empty')]),
]
