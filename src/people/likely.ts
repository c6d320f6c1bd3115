import { foldHeading, foldWord, type Telling, words } from './headings.ts';

/**
 * What a column may tell whose heading is in no list: by a word in it, or by its cells. Its cells decide whether it is
 * read, asked about or left alone.
 */

/** Such columns are about something else that is on or off, or that ends: `mfa_active`, `Password expiry date`. */
const otherThings =
  /^(?:2fa|2sv|mfa|totp|otp|sms|passwor[dt]|pwd|key|keys|certs?|certificate|ssh|sync|synced|dirsync|directory|newsletter|marketing|marital|order|ticket|delivery|invoice|payment|shipping|task|project|visa|passport|warranty|trial|forwarding|backup|device|phone|imap|pop|calendar|drive|storage|photo|two|factor|protection|policy|policies|notifications?|verified|verification|civil|familien|familienstand|lead|deal|campaign|training|course|vaccination|weekend|language|time|zone|enforced|enrolled|enrollment|hand|field|list|country|region|address|street|usage|session|consent|audit|review|probation|probezeit|birth|next|familiar|matrimonial|billing|sso|saml|portal|feature|calling|voicemail|chat|api|multifactor|desktop|mobile|app|web|vpn|wifi|badge|stage|squad|build|pr|essai|prova|prueba|experiencia|proef|proeftijd)$/;

/** By the beginning of a word, without accents; each is the beginning of the same word in several languages. */
const stems: readonly (readonly [Telling, RegExp])[] = [
  [
    'until',
    /^(?:expir|scad|until|enddat|endet|einddat|verval|vervall?t|ablauf|austritt|caduc|vencim|koniec|zakoncz|wygas|echeanc|finaliz)|^(?:ends?|endate|till|thru|fine|fim|fin|termino|sortie|salida|saida|uscita|term|leaves|leaving|hasta|jusqu|bis|tot)$/,
  ],
  [
    'leaving',
    /^(?:suspen|suspend|sospes|sospen|block|bloc|bloque|blok|zablok|gesperr|sperr|lock|verrou|vergrendel|disabl|disabil|deshabil|desabil|uitgeschakeld|wylacz|de?activ[ae]|deaktiv|dezaktyw|disattiv|desactiv|desativ|gedeactiv|inactiv|inaktiv|inativ|inattiv|inactief|nieaktyw|terminat|offboard|deprovision|delet|remov|supprim|elimin|cancell?at|verwijder|usuni|gelosch|archiv|gearchiv|zarchiw|resign|dimiss|dismiss|demiss|frozen|eingefroren|deny|denied|exclud|exclu|skip|optout|unsubscr|blacklist|banned|revok|former|leaver|departed|ausgeschied|ausgetret|ausschlu|ehemalig|gekundig|kundig|ontslag|cessat|cess|baja|deslig|licenci|uitdienst|zwoln)|^(?:left|quit|gone|parti|partie|retired|dienst)$/,
  ],
  ['status', /^(?:status|statut|stato|estado|estatus|situa[ct]|situazion|toestand|lifecycle|standing|zustand)/],
  [
    'active',
    /^(?:active|activ[ao]|actif|actief|attiv|ativ|aktiv|aktyw|habilit|abilit|ingeschakeld|wlacz|employed|current|freigeschaltet|beschaftigt)|^enabled$/,
  ],
];

/** Headings that say who is to be invited, which is not who is there. */
const wishes: readonly (readonly [Telling, ReadonlySet<string>])[] = [
  [
    'wish',
    words('invite,to invite,include,included,keep,einladen,behalten,inviter,invitar,convidar,invitare,uitnodigen'),
  ],
  ['leaving', words('do not invite,do not contact,do not mail,opt out,opted out,exclude,skip,nicht einladen')],
];

/** Beginnings of words for a consent, without which nobody is invited. */
const consents =
  /^(?:approv(?:ed|al)|authori[sz]ed|allow(?:ed)?$|permitted|genehmig|freigegeben|freigabe|zugelassen|erlaubt|berechtigt$|aprobad|aprobacion|autorizad|permitid|approuv|autoris|approvat|approvazion|autorizzat|consentit|aprovad|aprovac|goedgekeurd|goedkeuring|toegestaan|zatwierdzon|承認済?み?$|許可)/;

/** Words of who gave a consent, when, and for what else. */
const ofConsents = /^(?:by|von|par|por|da|door|przez|on|at|date|am|datum|fecha|data|ips?|domains?)$/;

/** Words that turn a heading into its opposite. */
const negations = /^(?:not|no|non|nicht|kein|do|dont|without|nie|niet|nao|pas|isnt)$/;

/** Whether its writer says that nothing is to be read from it. */
export function isLeftAlone(heading: string): boolean {
  return /^\s*x-/i.test(heading);
}

/** What a heading that is in no list may tell, by the words in it. */
export function likelyTelling(heading: string): Telling | undefined {
  const parts = partsOf(heading);
  const wish = wishes.find(([, known]) => known.has(foldHeading(heading)))?.[0];
  if (wish !== undefined) return wish;
  if (isLeftAlone(heading) || parts.length > 7 || parts.some((part) => otherThings.test(part))) return undefined;
  // `Last active` is a time that is past for everybody, `Last day worked` an end.
  if (parts.includes('last'))
    return parts.some((part) => /^(?:day|work|worked|working)$/.test(part)) ? 'until' : undefined;
  const isConsent = parts.some((part) => consents.test(part)) && !parts.some((part) => ofConsents.test(part));
  const found = isConsent ? 'wish' : stems.find(([, stem]) => parts.some((part) => stem.test(part)))?.[0];
  const isNegated = parts.some((part) => negations.test(part) && part !== 'do');
  return isNegated && (found === 'active' || found === 'wish') ? 'leaving' : found;
}

/** The words of a heading, without accents. */
function partsOf(heading: string): string[] {
  return heading
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .normalize('NFKD')
    .replace(/[\u0300-\u036f'’]/g, '')
    .replace(/[łŁ]/g, 'l')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((part) => part !== '');
}

/** Beginnings of words for what a role can be for, by the part that says the same. */
const places: readonly (readonly ['environment' | 'cluster' | 'resource' | 'scope', RegExp])[] = [
  ['environment', /^(?:env|environ|umgebung|entorno|omgeving|srodowisk|ambiente)/],
  ['cluster', /^(?:cluster|kafka|lkc|lsrc|ksql)/],
  ['resource', /^(?:topic|resource|ressourc|recurso|risors)/],
  [
    'scope',
    /^(?:scope|geltung|bereich|perimet|ambito|escopo|portee|restrict|restric|einschrank|beschrank|limited|limita|crn)/,
  ],
];

/** What of a scope a heading that is in no list may name, by the words in it. */
export function likelyPlace(heading: string): 'environment' | 'cluster' | 'resource' | 'scope' | undefined {
  const parts = partsOf(heading);
  if (isLeftAlone(heading)) return undefined;
  if (
    /^(?:(?:access|role|rights?) )?(?:applies to|valid for|only for|gilt fur|nur fur|namespace)$/.test(parts.join(' '))
  )
    return 'scope';
  return places.find(([, place]) => parts.some((part) => place.test(part)))?.[0];
}

/** Sentences of a remark that end, or forbid, what would be done. */
const remarks =
  /\b(?:left|leaving|has quit|quit) (?:the )?(?:company|firm|us|organi[sz]ation|team)\b|\bno longer (?:works?|employed|with|here|at)\b|\b(?:do not|don['’]t|please don['’]t|must not be) (?:invite|invited|mail|contact)\b|\bnicht (?:mehr (?:da|im|bei|hier|aktiv)|einladen)\b|\b(?:ausgeschieden|ausgetreten|gekündigt)\b|\b(?:ne pas inviter|a quitté|plus dans (?:la société|l['’]entreprise))\b|\b(?:no invitar|ya no (?:trabaja|está)|dejó la empresa)\b|\b(?:não convidar|saiu da empresa|não trabalha mais)\b|\b(?:non invitare|non lavora più|ha lasciato)\b|\b(?:niet uitnodigen|uit dienst|werkt niet meer)\b|退職|\b(?:nie zapraszać|już nie pracuje)\b/iu;

/** Cells that can hardly mean anything else. */
const plain = words(
  'suspended,deactivated,deprovisioned,terminated,offboarded,inactive,disabled,left company,left the company,former employee',
  'leaver,gesperrt,deaktiviert,inaktiv,ausgeschieden,gekündigt,désactivé,désactivée,inactif,suspendu,suspendue',
  'desactivado,desactivada,inactivo,suspendido,desativado,inativo,desligado,disattivato,sospeso,gedeactiveerd,inactief',
  'dezaktywowany,zawieszony,nieaktywny,退職,退職済み,無効',
);

const noPersons = words(
  'group,bot,room,equipment,security group,mail enabled group,mail enabled security group,distribution list,mailing list',
  'distribution group,dynamic distribution group,shared mailbox,room mailbox,equipment mailbox,resource mailbox',
  'service account,service principal,google group,microsoft 365 group,unified group,functional account,bot user',
  'Dienstkonto,Verteilerliste,Systemkonto,compte de service,liste de diffusion,cuenta de servicio,lista de distribución',
  'conta de serviço,lista de distribuição,ボット,サービスアカウント,配布リスト,会議室',
);

/** Whether a cell says of its own that nobody is to be invited, whatever its heading is but that of a name. */
export function isRemark(cell: string, heading: string): boolean {
  const word = foldWord(cell);
  if ((cell.includes(' ') && remarks.test(cell)) || plain.has(word)) return true;
  return noPersons.has(word) && !/name|nom$|nombre|nome$|nazw|imie|名/.test(foldHeading(heading));
}
