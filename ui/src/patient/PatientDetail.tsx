import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { asks, useRole } from '../app/role'
import { useRoute } from '../app/routes'
import { useShortcuts } from '../app/shortcuts'
import { Badge, Button, Card, CopyButton, Facts, IdentityBar, SkeletonCards } from '../design'
import { DocumentsCard } from '../document/DocumentsCard'
import { day, personName, shortWhen } from '../i18n/format'
import type { PatientView } from '../ipc/generated/PatientView'
import { useView } from '../ipc/query'
import { PriorityMark, routeOf } from '../teleconsult/CaseList'
import './patient.css'

export function PatientDetail({ patientId, onBack }: { patientId: string; onBack: () => void }) {
  const { t } = useTranslation('frame')
  const view = useView('patient_open', [{ patient_id: patientId }])
  useShortcuts({ Escape: onBack })
  if (view.error)
    return (
      <div className="pad stack">
        <div className="narrow-only">
          <Button kind="quiet" small icon="chevron-left" onPress={onBack}>
            {t('back')}
          </Button>
        </div>
        <FailureBanner failure={view.error.failure} onRetry={() => view.refetch()} />
      </div>
    )
  if (!view.data) return <SkeletonCards />
  return <Detail patient={view.data} onBack={onBack} />
}

function Detail({ patient, onBack }: { patient: PatientView; onBack: () => void }) {
  const { t } = useTranslation(['patient', 'frame'])
  const { go } = useRoute()
  const role = useRole()
  const documents = useView('document_list', [{ patient_id: patient.id }])
  const ask = () => go({ place: 'teleconsults', id: patient.id, view: 'new' })
  const report = () => go({ place: 'cases', id: patient.id, view: 'new' })
  useShortcuts(asks(role) ? { 'Alt+N': ask } : role === 'cot_operator' ? { 'Alt+N': report } : {})
  return (
    <>
      <IdentityBar
        patient={patient}
        badges={
          patient.minor || patient.represented ? (
            <Badge tone="info" icon="user">
              {t(patient.minor ? 'minor' : 'represented')}
            </Badge>
          ) : null
        }
        back={
          <span className="narrow-only">
            <Button kind="quiet" small icon="chevron-left" testId="back" onPress={onBack}>
              {t('frame:back')}
            </Button>
          </span>
        }
      />
      <div className="scroll pad" data-testid="patient-detail">
        <div className="two">
          <div className="stack wide">
            {role === 'cot_operator' ? <Cases patient={patient} /> : <Teleconsults patient={patient} />}
            {documents.error ? (
              <FailureBanner failure={documents.error.failure} onRetry={() => documents.refetch()} />
            ) : documents.data ? (
              <DocumentsCard patientId={patient.id} documents={documents.data.documents} />
            ) : null}
          </div>
          <div className="stack wide">
            <Contacts patient={patient} />
            <Related patient={patient} />
          </div>
        </div>
      </div>
      {asks(role) || role === 'cot_operator' ? (
        <div className="foot">
          <span className="grow" />
          {asks(role) ? (
            <Button kind="primary" icon="plus" testId="patient-new-teleconsult" onPress={ask}>
              {t('newTeleconsult')}
            </Button>
          ) : (
            <Button kind="primary" icon="plus" testId="patient-new-referral" onPress={report}>
              {t('newReferral')}
            </Button>
          )}
        </div>
      ) : null}
    </>
  )
}

function Contacts({ patient }: { patient: PatientView }) {
  const { t } = useTranslation('patient')
  return (
    <Card title={t('contacts')}>
      <div className="ps-card-body">
        <Facts
          items={[
            {
              name: t('phone'),
              value: patient.phone ? (
                <span className="line tight">
                  {patient.phone} <CopyButton text={patient.phone} label={`${t('phone')}: copia`} done={t('copied')} />
                </span>
              ) : (
                <span className="mut">{t('noPhone')}</span>
              ),
            },
            ...(patient.weight_kg !== null && patient.weight_on !== null
              ? [
                  {
                    name: t('weightTitle'),
                    value: t('weightValue', {
                      kg: String(patient.weight_kg).replace('.', ','),
                      on: day(patient.weight_on),
                    }),
                  },
                ]
              : []),
          ]}
        />
      </div>
    </Card>
  )
}

function Related({ patient }: { patient: PatientView }) {
  const { t } = useTranslation('patient')
  return (
    <Card title={t('relatedTitle')} testId="related">
      <div className="ps-card-body">
        {patient.related.length === 0 ? (
          <p className="mut">{t('noRelated')}</p>
        ) : (
          <ul className="side-lines">
            {patient.related.map((person) => (
              <li key={`${person.family} ${person.given}`}>
                <span className="grow">
                  <b>{personName(person)}</b>
                  <span className="t-xs mut patient-line">
                    {person.relation}
                    {person.title ? `, ${t(person.title)}` : ''}
                  </span>
                </span>
                <span className="nw">{person.phone}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Card>
  )
}

function Teleconsults({ patient }: { patient: PatientView }) {
  const { t } = useTranslation(['patient', 'teleconsult'])
  const { go } = useRoute()
  const list = useView('teleconsult_list', [])
  const rows = list.data?.rows.filter((row) => row.patient.id === patient.id) ?? []
  return (
    <Card title={t('teleconsults')} end={rows.length || undefined} testId="patient-teleconsults">
      <div className="ps-card-body">
        {list.error ? <FailureBanner failure={list.error.failure} /> : null}
        {list.data && rows.length === 0 ? <p className="mut">{t('noTeleconsults')}</p> : null}
        <ul className="side-lines">
          {rows.map((row) => (
            <li key={row.id}>
              <button
                type="button"
                className="side-line"
                data-testid={`patient-case-${row.id}`}
                onClick={() => go(routeOf(row, 'teleconsults'))}
              >
                <PriorityMark priority={row.priority} draft={row.state === 'draft'} />
                <span className="grow cut">{row.question || t('teleconsult:noQuestion')}</span>
                <span className="t-xs mut nw">
                  {t(`teleconsult:states.${row.state}`)}, {shortWhen(row.asked_at)}
                </span>
              </button>
            </li>
          ))}
        </ul>
      </div>
    </Card>
  )
}

function Cases({ patient }: { patient: PatientView }) {
  const { t } = useTranslation(['patient', 'transition'])
  const { go } = useRoute()
  const board = useView('transition_board', [])
  const cards = board.data?.cards.filter((card) => card.patient.id === patient.id) ?? []
  return (
    <Card title={t('openCases')} end={cards.length || undefined} testId="patient-cases">
      <div className="ps-card-body">
        {board.error ? <FailureBanner failure={board.error.failure} /> : null}
        {board.data && cards.length === 0 ? <p className="mut">{t('noCases')}</p> : null}
        <ul className="side-lines">
          {cards.map((card) => (
            <li key={card.id}>
              <button type="button" className="side-line" onClick={() => go({ place: 'cases', id: card.id })}>
                <span className="grow cut">
                  {t(`transition:short.${card.origin}`)}, {t(`transition:toward.${card.destination}`)}
                </span>
                <span className="t-xs mut nw">{t(`transition:columns.${card.state}`)}</span>
              </button>
            </li>
          ))}
        </ul>
      </div>
    </Card>
  )
}
