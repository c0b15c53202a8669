import { useDeferredValue, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FailureBanner } from '../app/FailureBanner'
import { useGrowing } from '../app/growing'
import { useRoute } from '../app/routes'
import { Button, Empty, SearchField, SearchList, SearchRow, SkeletonRows } from '../design'
import { age, personName } from '../i18n/format'
import { useView } from '../ipc/query'
import { PatientDetail } from './PatientDetail'
import './patient.css'

/** *Assistiti*: who is on this PC, found as one types. */
export function Patients() {
  const { t } = useTranslation('patient')
  const { route, go } = useRoute()
  const [text, setText] = useState('')
  const asked = useDeferredValue(text.trim())
  const { shown, more } = useGrowing(asked)
  const found = useView('patient_search', [{ text: asked, limit: shown }])
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
        <SearchField
          label={t('search')}
          placeholder={t('searchPlaceholder')}
          value={text}
          onChange={setText}
          autoFocus={!route.id}
          testId="patient"
          onFirst={() => {
            const first = list?.patients[0]
            if (first) go({ place: 'patients', id: first.id })
          }}
          count={
            list
              ? asked === ''
                ? t('found', { count: list.total })
                : t('count', { shown: list.patients.length, total: list.total })
              : null
          }
        />
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
            <SearchList
              hidden={hidden}
              onMore={() => more(list.patients.length)}
              more={t('more', { count: hidden })}
              testId="patients-more"
            >
              {list.patients.map((patient) => (
                <SearchRow
                  key={patient.id}
                  selected={route.id === patient.id}
                  onOpen={() => go({ place: 'patients', id: patient.id })}
                  testId={`patient-${patient.id}`}
                >
                  <b className="cut">{personName(patient)}</b>
                  <span className="mut nw grow">{age(patient)}</span>
                  <span className="mono nw">{patient.fiscal_code}</span>
                </SearchRow>
              ))}
            </SearchList>
          )
        ) : null}
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
