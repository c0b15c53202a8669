import { useDeferredValue, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { useRoute } from '../app/routes'
import { Button, Empty, Icon, moveBetweenRows, SkeletonRows } from '../design'
import { age, personName } from '../i18n/format'
import type { PatientView } from '../ipc/generated/PatientView'
import { useView } from '../ipc/query'
import { PatientDetail } from './PatientDetail'
import './patient.css'

const SHOWN = 60

/** *Assistiti*: who is on this PC, found as one types. */
export function Patients() {
  const { t } = useTranslation('patient')
  const { route, go } = useRoute()
  const [text, setText] = useState('')
  const asked = useDeferredValue(text.trim())
  const found = useView('patient_search', [{ text: asked, limit: SHOWN }])
  const [before, setBefore] = useState(found.data)
  // The list of the letter before stays until the next one answers, so that nothing flickers.
  if (found.data && found.data !== before) setBefore(found.data)
  const list = found.data ?? before
  const hidden = list ? list.total - list.patients.length : 0
  return (
    <div className={`split${route.id ? ' has-detail' : ''}`}>
      <section className="pane list" aria-label={t('title')} data-pane="list" data-testid="patients">
        <div className="pane-head">
          <h1 className="grow">{t('title')}</h1>
        </div>
        <div className="patient-search">
          <Icon name="search" size="s" />
          <input
            // biome-ignore lint/a11y/noAutofocus: the place is opened in order to search
            autoFocus={!route.id}
            type="search"
            className="ps-input"
            aria-label={t('search')}
            placeholder={t('searchPlaceholder')}
            value={text}
            autoComplete="off"
            spellCheck={false}
            data-testid="patient-search"
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => {
              const first = list?.patients[0]
              if (event.key === 'Enter' && first) go({ place: 'patients', id: first.id })
            }}
          />
          <span className="t-xs mut nw patient-count" role="status" data-testid="patient-count">
            {list
              ? asked === ''
                ? t('found', { count: list.total })
                : t('count', { shown: list.patients.length, total: list.total })
              : null}
          </span>
        </div>
        {found.error ? (
          <div className="pad">
            <FailureBanner failure={found.error.failure} onRetry={() => found.refetch()} />
          </div>
        ) : null}
        {found.isPending && !list ? <SkeletonRows /> : null}
        {list ? (
          list.patients.length === 0 ? (
            <Empty
              icon="user"
              testId="patients-empty"
              title={t(asked === '' ? 'emptyTitle' : 'none')}
              actions={asked === '' ? null : <Button onPress={() => setText('')}>{t('clear')}</Button>}
            >
              {t(asked === '' ? 'emptyText' : 'noneText')}
            </Empty>
          ) : (
            <ul className="scroll" onKeyDown={moveBetweenRows}>
              {list.patients.map((patient) => (
                <PatientRow
                  key={patient.id}
                  patient={patient}
                  selected={route.id === patient.id}
                  onOpen={() => go({ place: 'patients', id: patient.id })}
                />
              ))}
            </ul>
          )
        ) : null}
        {hidden > 0 ? <div className="list-asof t-xs mut">{t('more', { count: hidden })}</div> : null}
      </section>
      <section className="pane detail" data-pane="detail">
        {route.id ? (
          <PatientDetail key={route.id} patientId={route.id} onBack={() => go({ place: 'patients' })} />
        ) : (
          <Empty icon="user" title={t('choose')}>
            {t('chooseText')}
          </Empty>
        )}
      </section>
    </div>
  )
}

function PatientRow({ patient, selected, onOpen }: { patient: PatientView; selected: boolean; onOpen: () => void }) {
  return (
    <li className={`patient-row${selected ? ' is-on' : ''}`}>
      <button
        type="button"
        data-row
        aria-current={selected || undefined}
        data-testid={`patient-${patient.id}`}
        onClick={onOpen}
      >
        <b className="cut">{personName(patient)}</b>
        <span className="mut nw grow">{age(patient)}</span>
        <span className="mono nw">{patient.fiscal_code}</span>
      </button>
    </li>
  )
}
