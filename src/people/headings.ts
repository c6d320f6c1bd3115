/** What stands before brackets, as in `Status [READ ONLY]` and `User name [userPrincipalName] Required`, and in them. */
const bracketed = /^(.+?)\s*\[([^\]]*)\](?:\s+\S+)?\s*$/s;

/** In brackets, whether a cell may be empty; what else begins with a small letter is the name of a property. */
const remarks = /^(?:required|optional|erforderlich|obligat|obrigat|obbligat|verplicht|vereist|wymagan|[^a-z])/;

/** Without case, accents, spaces and punctuation; of `User name [userPrincipalName] Required`, the property. */
export function foldHeading(heading: string): string {
  return foldWord(nameIn(heading).replace(/\?\s*$/, ''));
}

function nameIn(heading: string): string {
  const [, label = heading, property = ''] = bracketed.exec(heading) ?? [];
  if (property === '' || remarks.test(property)) return label;
  // A yes under `Block sign in [accountEnabled]` means the opposite of the property.
  return property === 'accountEnabled' && /blo[ck]|bloq|sperr/i.test(label) ? 'block sign in' : property;
}

/** A word or a value as it is compared: without case, accents, spaces and punctuation. */
export function foldWord(text: string): string {
  return inSmallLetters(text).replace(/[\s_\-–—.:*'’()/\\#<>[\]]+/g, '');
}

/** Without case, accents and the sign that asks for a picture. */
export function inSmallLetters(text: string): string {
  const letters = text.normalize('NFKD').replace(/[\u0300-\u036f\ufe0f]/g, '');
  return letters.normalize('NFKC').toLowerCase().replaceAll('ł', 'l').replaceAll('ı', 'i').replaceAll('ø', 'o');
}

/** The exact heading, otherwise one that differs only in case, accents, spaces or punctuation. */
export function headingAmong(headings: readonly string[], wanted: string): string | undefined {
  if (wanted === '') return undefined;
  const folded = foldHeading(wanted);
  return headings.find((one) => one.trim() === wanted.trim()) ?? headings.find((one) => foldHeading(one) === folded);
}

/** Folded words, from a text in which they are separated by commas. */
export function words(...texts: readonly string[]): ReadonlySet<string> {
  return new Set(texts.flatMap((text) => text.split(',')).map(foldWord));
}

/** Resources of a cluster or a registry that have a column of their own, as they are called in a CRN. */
export const resourceKinds = ['topic', 'group', 'transactional-id', 'subject'] as const;

/** What of a scope a column holds, the largest first: the whole, or a part of it. */
export const scopeParts = [
  ...(['scope', 'environment', 'cluster', 'resource', 'resource_type', 'resource_name'] as const),
  ...resourceKinds,
  'pattern',
] as const;

export type ScopePart = (typeof scopeParts)[number];

export type KnownField = 'email' | 'role' | 'auth_type' | 'note' | ScopePart;

/**
 * The headings by which a column is recognized, the most certain first: those of Confluent and of exports from Google Workspace,
 * Microsoft Entra and Okta, then those of spreadsheets in other languages.
 */
const known: Readonly<Record<KnownField, ReadonlySet<string>>> = {
  email: words(
    'invitee email,email,mail,email address,primary email,primary email address,work email,user email,profile email,email primary work,primary work email',
    'business email,corporate email,company email,official email,email work,work email address',
    'E-Mail-Adresse,Mailadresse,E-Mail (geschäftlich),Adresse e-mail,Adresse mail,Courriel,Adresse électronique',
    'Adresse de messagerie,Correo electrónico,Correo,Dirección de correo electrónico',
    'Dirección de correo,Endereço de e-mail,Correio eletrónico,Correio eletrônico,Endereço de correio eletrónico',
    'メールアドレス,電子メールアドレス,Eメールアドレス,電子メール,Eメール,メール',
    'Indirizzo e-mail,Indirizzo di posta elettronica,Posta elettronica,E-mailadres,E-mailadres werk,Adres e-mail',
    'user principal name,upn,login,user login,profile login,username,user',
  ),
  role: words(
    'role,roles,role name,Rolle,Rollen,Rol,Rôle,Rôles,Função,Funções,Papel,Papéis,Ruolo,Ruoli,Rola,ロール,役割',
  ),
  scope: words(
    'scope,crn pattern,crn,Geltungsbereich,Bereich,Portée,Ámbito,Alcance,Escopo,Périmètre,Bereik,Beperkt tot,Zakres,スコープ,範囲',
  ),
  environment: words(
    'environment,env,environment id,env id,Umgebung,Umgebungs-ID,Environnement,Entorno,Ambiente,Omgeving,Środowisko,環境,環境ID',
  ),
  cluster: words(
    'cluster,cloud cluster,cloud cluster id,cluster id,kafka cluster,kafka cluster id,logical cluster,lkc,クラスター',
    'schema registry,schema registry id,schema registry cluster,ksql cluster,ksqldb cluster,Grappe,Clúster,クラスタ',
  ),
  resource: words('resource,Ressource,Recurso,リソース'),
  resource_type: words('resource type,Ressourcentyp,type de ressource,tipo de recurso,リソースタイプ'),
  resource_name: words('resource name,resource id,Ressourcenname,nom de ressource,nombre de recurso,nome do recurso'),
  topic: words('topic,topics,topic name,kafka topic,kafka topics,topics kafka,トピック,トピック名,tópico,temat'),
  group: words(
    'consumer group,consumer groups,consumer group id,consumer group name,kafka consumer group,group id,Consumer-Gruppe',
    'Konsumentengruppe,Verbrauchergruppe,groupe de consommateurs,grupo de consumidores,gruppo di consumer,consumentengroep',
    'grupa konsumentów,コンシューマーグループ,コンシューマグループ',
  ),
  'transactional-id': words(
    'transactional id,transactional ids,Transaktionskennung,id transactionnel,id transaccional,id transacional',
    'id transazionale,トランザクションID',
  ),
  subject: words('subject,subjects,schema subject,subject name,schema registry subject,サブジェクト'),
  pattern: words('pattern type,prefix'),
  auth_type: words(
    'auth type,authentication type,authentication method,Authentifizierungstyp,Type d’authentification',
    'Tipo de autenticación,Tipo de autenticação,認証タイプ,認証方式',
  ),
  note: words('note,Notiz,Bemerkung,Nota,備考'),
};

export const knownColumns = 'email (or e-mail, mail, user), role (or roles), scope, auth_type';

/** How certain it is that a heading is one of addresses: 0 is the most. */
export function emailRank(heading: string): number {
  return [...known.email].indexOf(foldHeading(heading));
}

export function fieldOf(heading: string): KnownField | undefined {
  const folded = foldHeading(heading);
  return keysOf(known).find((field) => known[field].has(folded));
}

export function scopePartOf(heading: string): ScopePart | undefined {
  const field = fieldOf(heading);
  return scopeParts.find((part) => part === field);
}

function keysOf<Key extends string>(table: Readonly<Record<Key, unknown>>): readonly Key[] {
  return Object.keys(table) as Key[];
}

/** What a column says about whether its person is to be invited at all, by its heading. */
type KnownTelling = 'status' | 'active' | 'gone' | 'from' | 'until' | 'type' | 'machine' | 'control' | 'principal';

/**
 * Also by a word in its heading: whether somebody is leaving, or is wished or allowed to be invited. Or by the cells
 * alone, of which most say nothing.
 */
export type Telling = KnownTelling | 'leaving' | Wish | 'remark';

/** Whether somebody is wished or allowed to be invited, or not; that is not about who is there. */
type Wish = 'wish' | 'refusal';

export function isWish(telling: Telling): telling is Wish {
  return telling === 'wish' || telling === 'refusal';
}

export const tellings: Readonly<Record<KnownTelling, ReadonlySet<string>>> = {
  /** Says in words whether somebody is still there. */
  status: words(
    'status,state,outcome,ensure,sign in status,login status,license status,action,operation,change type,Aktion,acción,ação',
    'azione,actie,操作,lifecycle status,current status,registration state,subscription state,assignment state',
    'enrollment state,Zustand,Beschäftigungsstatus,Personalstatus,statut,état,statut du compte,statut utilisateur',
    'statut de l’utilisateur,état du compte,estado,situación,estado de la cuenta,estado del usuario,situación laboral',
    'estatus,situação,status da conta,status do usuário,estado da conta,situação do usuário,ステータス,状態,状況',
    '在籍状況,アカウントの状態,アカウント状態,利用状況,在職状況,stato,toestand',
  ),
  /** The day on which access ends. */
  until: words(
    'until,expires,expires at time,expiry,expiration,expiration time,valid until,valid to,valid through,valid till,ends,end,termination date',
    'leave date,leaving date,last day,last working day,last day of work,offboarding date,exit date,date of exit,expire',
    'leave date time,leaving on,last date,departure date,date of departure,separation date,shadow expire,hire end date',
    'assignment end date,Austrittsdatum,Austritt,Enddatum,gültig bis,Gültigkeit bis,Vertragsende,Ablaufdatum',
    'befristet bis,läuft ab,Befristung,letzter Arbeitstag,letzter Tag,Ende,bis,date de fin,date de sortie',
    "date de départ,fin de contrat,date de fin de contrat,date d'expiration,valable jusqu'au,jusqu'au,fin d'accès",
    'fin de validité,échéance,date d’échéance,dernier jour,último día,ultimo giorno,laatste dag,ostatni dzień',
    'fecha de fin,fecha fin,fecha de salida,fecha de vencimiento,vencimiento,válido hasta,hasta,caduca,caducidad',
    'fecha de caducidad,fin de contrato,fecha de expiración,acceso hasta,fecha de término,vigencia hasta',
    'data de término,data de fim,data de saída,data de desligamento,validade,válido até,até,expira em',
    'data de expiração,data de validade,fim do contrato,vencimento,data de vencimento,einde contract',
    'einde dienstverband,valido fino al,valido fino a,accesso fino al,fine contratto,fine rapporto,dostęp do,ważne do',
    'ważny do,ważna do,termina,終了日,有効期限,退職日,期限,契約終了日,アクセス期限,利用期限,満了日,退社日',
    'data fine rapporto,scadenza,data di scadenza,einddatum,data zakończenia,data wygaśnięcia,último dia de trabalho',
  ),
  /** The day on which access begins. */
  from: words(
    'from,valid from,valid since,not before,start date,starts,starts on,starts at,start,begin date,begins,begin',
    'effective from,effective date,active from,hire date,hired on,joining date,date of joining,join date,entry date',
    'first day,first working day,onboarding,onboarding date,activation date,provisioning date,Eintrittsdatum,Eintritt',
    'Eintritt am,Startdatum,gültig ab,gültig von,Gültigkeit ab,Vertragsbeginn,Beginn,ab,erster Arbeitstag',
    "Einstellungsdatum,date de début,date d'entrée,date d'embauche,valable à partir du,à partir du,début",
    'fecha de inicio,fecha inicio,fecha de ingreso,fecha de contratación,válido desde,desde,acceso desde',
    'data de início,data de admissão,data de entrada,válido a partir de,a partir de,início,data di inizio,data inizio',
    'data di assunzione,valido dal,inizio,datum in dienst,geldig vanaf,ingangsdatum,vanaf,data rozpoczęcia',
    'data zatrudnienia,ważne od,od,開始日,入社日,利用開始日,契約開始日',
  ),
  /** Yes, or a time in the past, means that somebody is gone. */
  gone: words(
    'block credential,block credentials,locked out,is disabled account,soft deleted,soft deletion,blocked',
    'block sign in,sign in blocked,suspended,deactivated,disabled,inactive,deleted,archived,terminated,canceled',
    'cancelled,left,left the company,locked,ns account lock,banned,removed,revoked,unsubscribed,former,former employee',
    'alumni,alumnus,bounced,hard bounced,pwd account locked time,offboarded,expired,resigned,deletion,suspension',
    'deactivation,termination,cancellation,cancelation,gesperrt,deaktiviert,inaktiv,gelöscht,archiviert,ausgeschieden',
    'gekündigt,abgemeldet,entfernt,bloqué,bloquée,suspendu,suspendue,désactivé,désactivée,inactif,supprimé,supprimée',
    'archivé,parti,verrouillé,bloqueado,bloqueada,suspendido,suspendida,desactivado,desactivada,deshabilitado,inactivo',
    'inactiva,eliminado,archivado,dado de baja,de baja,suspenso,suspensa,desativado,desativada,desabilitado,inativo',
    'inativa,excluído,arquivado,desligado,無効,停止,停止中,ブロック,ブロック済み,削除,削除済み,退職,退職済み,退職済',
    '休止,休止中,無効フラグ,削除フラグ,退職フラグ,unsub time,unsub reason,clean time,cleaned at,leaving reason',
    'reason for leaving,Sperrgrund,Austrittsgrund,motif de départ,motivo de baja,fecha de baja,motivo do desligamento',
    '無効化日,無効化日時,退職理由,data cessazione,data de demissão,data zwolnienia,bloccato,sospeso,disattivato',
    'inattivo,eliminato,archiviato,cessato,geblokkeerd,gedeactiveerd,uitgeschakeld,inactief,verwijderd,gearchiveerd',
    'uit dienst,datum uit dienst,zablokowany,zawieszony,wyłączony,nieaktywny,usunięty,zarchiwizowany',
  ),
  /** Yes means that somebody is still there. */
  active: words(
    'active status,active,enabled,in service,employed,currently employed,current employee,works here,still here,still there',
    'noch da,noch hier,current,can log in,can sign in,may log in,login allowed,aktiv,aktiviert,freigeschaltet,actif',
    'activée,activo,activa,habilitado,habilitada,ativo,ativa,ativado,有効,アクティブ,在籍,在職,在籍中,在職中',
    '有効フラグ,attivo,attiva,attivato,abilitato,actief,geactiveerd,ingeschakeld,in dienst,aktywny,aktywna,włączony',
  ),
  /** Says what kind of account it is. */
  type: words(
    'type,principal type,kind,object type,recipient type,recipient type details,mailbox type,Typ,Mitgliedstyp,tipo',
    "tipo de usuario,tipo de cuenta,type d'utilisateur,type de compte,tipo de conta,種類,種別,タイプ,アカウントの種類",
    'ユーザーの種類',
  ),
  /** Yes means that it is not a person. */
  machine: words(
    'web service access only,internal integration user,integration user,api only,api only user,robot,machine',
    'machine user,technical user,service user,shared mailbox,bot,is app user,is app,service account,is group,is system,is resource',
    'Dienstkonto,compte de service,cuenta de servicio,conta de serviço,ボット,サービスアカウント',
  ),
  control: words('user account control'),
  principal: words('principal'),
};

/** Of `account.status`, the `status`. */
export function lastName(heading: string): string {
  return heading.slice(heading.lastIndexOf('.') + 1);
}

/** Before what is told of a person: `user status`, `Konto gesperrt`, `Access until`. */
const whose =
  /^(?:user|account|member(?:ship)?|benutzer|konto|compte|cuenta|conta|(?:employ(?:ee|ment)|worker|person|staff|profile|mitarbeiter|contract|access|zugang|zugriff|acces|acceso|acesso)(?!typ))/;

/** What a heading tells, unless it holds a field: `resource type` is no kind of account. */
export function tellingIn(heading: string): Telling | undefined {
  if (fieldOf(heading) !== undefined || isLeftAlone(heading)) return undefined;
  // Inside an object of JSON, the last name counts: `account.status`.
  const names = [heading, lastName(heading)].map(foldHeading).flatMap((name) => [name, name.replace(whose, '')]);
  const has = (telling: KnownTelling) => names.some((name) => isAmong(name, telling));
  return keysOf(tellings).find(has);
}

/** Beside the word for it, when or why somebody left: `deleted at`, `Date deleted`. */
const aside = /^(?:date|when|hasbeen)|(?:datetime|timestamp|at|on|date|time|reason|am|le|el|em|日時?)$/g;

/** Whether a heading is in a list, also as a question: `is active`. */
function isAmong(name: string, telling: KnownTelling): boolean {
  const asked = ['', 'is', 'has', 'ist', 'est', 'esta'].filter((word) => name.startsWith(word));
  const names = asked.map((word) => name.slice(word.length));
  if (telling === 'gone' || telling === 'until') names.push(name.replace(aside, ''));
  return names.some((one) => tellings[telling].has(one));
}

const lastWords =
  /personnel|responsabile|leidinggevende|przelozon|kierownik|persoonlijk|personale|prywatn|prive|richiedente|aanvrager|solicitante|demandeur|chef|boss|reportsto|wnioskodaw|manager|supervisor|recovery|secondary|second|alternate|alternative|alternat|personal|private|requester|requestor|requested|submitted|home|backup|invitedby|createdby|sponsor|owner|approver|assistant|vorgesetzt|privat|antragsteller|wiederherstellung|responsable|recuperaci|secundari|jefe|gestor|gerente|recuperac|supérieur|superieur|secours|上司|予備|個人|申請者/;

/** Whether a column of addresses is likely to be of somebody else, or of the person at home. */
export function isSecondary(heading: string): boolean {
  return lastWords.test(foldHeading(heading));
}

/** The first column of the answers to a form, which its sender fills in, with the sender's own address beside it. */
export const formTimes = words(
  'timestamp,Zeitstempel,Horodateur,Marca temporal,Carimbo de data/hora,タイムスタンプ,Informazioni cronologiche,Tijdstempel,Sygnatura czasowa,start time,Startzeit,completion time',
);

/**
 * Whether nothing is to be read from it: its writer says so, it is why a row was rejected, or it is about somebody else,
 * as `creator.kind` in JSON.
 */
export function isLeftAlone(heading: string): boolean {
  return /^\s*x-|^\s*error(?:\.|\s*$)|\b(?:creator|inviter|(?:created|invited|updated|modified)_?by|manager|supervisor|boss|sponsor|approver|owner|assistant|reports_?to)\./i.test(
    heading,
  );
}
