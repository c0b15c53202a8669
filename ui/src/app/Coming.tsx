import { useTranslation } from 'react-i18next'
import { Empty } from '../design'
import { useRoute } from './routes'

/** Stands for a place whose screens are built elsewhere. */
export function Coming() {
  const { t } = useTranslation('frame')
  const { route } = useRoute()
  return (
    <div className="pane">
      <div className="pane-head">
        <h1>{t(route.place)}</h1>
      </div>
      <Empty icon="info-circle" title={t('comingTitle', { place: t(route.place) })}>
        {t('comingText')}
      </Empty>
    </div>
  )
}
