// The agent's process: started, started again when it ends, and what it says passed on.
using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Nextline.Protocol;

namespace Nextline.Core
{
    /// <summary>The one process, for as long as the editor lives.</summary>
    public sealed class Agent : IDisposable
    {
        /// <summary>A process that lived this long, in ms, had no trouble of its own.</summary>
        private const int Healthy = 60000;

        private readonly IEditor editor;
        private readonly int[] waits;
        private CancellationTokenSource life = new CancellationTokenSource();
        private Task running = Task.CompletedTask;
        private Connection connection;

        /// <summary>The open documents.</summary>
        public Documents Documents { get; } = new Documents();

        /// <summary>How it does; null while it does not run.</summary>
        public Status Status { get; private set; }

        /// <summary>Why it does not run, in one sentence; empty while it does.</summary>
        public string Trouble { get; private set; } = "";

        /// <summary>Its version.</summary>
        public string Version { get; private set; } = "";

        /// <summary>What this side can do, and the versions that it speaks: JSON.</summary>
        public string Capabilities { get; set; } = Client.Capabilities;

        /// <summary>Its status, or its trouble, is another one.</summary>
        public event Action Changed;

        /// <summary>It runs, perhaps anew.</summary>
        public event Action Started;

        /// <summary>Something happened to an edit.</summary>
        public event Action<EditEvent> Edited;

        /// <summary>Something happened in a chat.</summary>
        public event Action<ChatEvent> Chatted;

        /// <summary><paramref name="waits"/> before it is started again, in ms; the last one holds from then on, and the person hears of it.</summary>
        public Agent(IEditor editor, params int[] waits)
        {
            this.editor = editor;
            this.waits = waits.Length > 0 ? waits : new[] { 0, 1000, 2000, 5000, 10000, 30000 };
        }

        /// <summary>Starts it, and again whenever it ends.</summary>
        public void Start()
        {
            life = new CancellationTokenSource();
            var stop = life.Token;
            running = Task.Run(() => Live(stop));
        }

        /// <summary>Ends it; done when it is gone.</summary>
        public async Task Stop()
        {
            life.Cancel();
            await running.ConfigureAwait(false);
        }

        /// <summary>Ends it and starts it anew, with what is set now.</summary>
        public async Task Restart()
        {
            await Stop().ConfigureAwait(false);
            Start();
        }

        /// <summary>Ends it as <see cref="Stop"/> does, and waits for two seconds at most.</summary>
        public void Dispose()
        {
            Stop().Wait(2000);
        }

        /// <summary>Asks it. A <see cref="FaultException"/> has a sentence for people, and so has what is thrown while it does not run.</summary>
        public Task<object> Request(string method, object given, CancellationToken cancel = default(CancellationToken))
        {
            var now = connection;
            return now?.Request(method, given, cancel)
                ?? Task.FromException<object>(new IOException(Trouble.Length > 0 ? Trouble : "the agent does not run yet"));
        }

        /// <summary>Tells it something.</summary>
        public void Notify(string method, object given)
        {
            connection?.Notify(method, given);
        }

        /// <summary>Runs one of its commands.</summary>
        public Task<object> Execute(string command, params object[] given)
        {
            return Request(Lsp.ExecuteCommand, new ExecuteCommandParams { Command = command, Arguments = new List<object>(given) }.Json());
        }

        /// <summary>Settings were changed.</summary>
        public void Configure()
        {
            var settings = new Sections { Nextline = editor.Settings() };
            Notify(Lsp.DidChangeConfiguration, new DidChangeConfigurationParams { Settings = settings }.Json());
        }

        /// <summary>Why the last answer for a document was empty, in one sentence; how the agent does where there is no such reason.</summary>
        public async Task<string> Why(string uri)
        {
            try
            {
                var given = new DocumentParams { TextDocument = new Identifier { Uri = uri } };
                var why = WhyResult.From(await Request(Methods.Why, given.Json()).ConfigureAwait(false));
                return string.IsNullOrEmpty(why.Detail) ? Status?.Message ?? "" : why.Detail;
            }
            catch (Exception error) when (error is IOException || error is FaultException)
            {
                return error.Message;
            }
        }

        private async Task Live(CancellationToken stop)
        {
            var failures = 0;
            while (!stop.IsCancellationRequested)
            {
                var since = Stopwatch.StartNew();
                var reason = await Once(stop).ConfigureAwait(false);
                if (reason == null || stop.IsCancellationRequested)
                {
                    break;
                }
                failures = since.ElapsedMilliseconds > Healthy ? 0 : failures;
                var wait = waits[Math.Min(failures, waits.Length - 1)];
                failures++;
                Say(null, reason + (wait < 1000 ? "; it is started again" : "; it is started again in " + wait / 1000 + " s"));
                if (failures == waits.Length)
                {
                    editor.Say("the agent ended " + failures + " times in a row. What it said last is in the log.");
                }
                try
                {
                    await Task.Delay(wait, stop).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    break;
                }
            }
        }

        /// <summary>One process from its start to its end. Answers why it ended; null when there is none to start.</summary>
        private async Task<string> Once(CancellationToken stop)
        {
            var command = editor.Command();
            if (command == null)
            {
                Say(null, "there is no agent beside this extension: install the extension with the agent in it, or set its path");
                editor.Say(Trouble);
                return null;
            }
            command.UseShellExecute = false;
            command.CreateNoWindow = true;
            command.RedirectStandardInput = command.RedirectStandardOutput = command.RedirectStandardError = true;
            using (var process = new Process { StartInfo = command })
            {
                process.ErrorDataReceived += (_, line) => editor.Log(line.Data ?? "");
                try
                {
                    process.Start();
                }
                catch (Win32Exception error)
                {
                    return "the agent did not start: " + error.Message;
                }
                process.BeginErrorReadLine();
                var closed = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
                var fresh = new Connection(process.StandardOutput.BaseStream, process.StandardInput.BaseStream)
                {
                    Notified = Hear,
                    Asked = Answer,
                    Closed = reason => closed.TrySetResult(reason),
                };
                fresh.Start();
                string ended;
                using (stop.Register(() => closed.TrySetResult("stopped")))
                {
                    editor.Log("the agent runs: " + command.FileName + ", process " + process.Id);
                    ended = await Greet(fresh, closed.Task).ConfigureAwait(false) ?? await closed.Task.ConfigureAwait(false);
                }
                Documents.Detach();
                connection = null;
                await Leave(process, fresh).ConfigureAwait(false);
                Say(null, "the agent ended");
                editor.Log("the agent ended: " + ended);
                return ended.StartsWith("the agent did not", StringComparison.Ordinal) ? ended : "the agent ended";
            }
        }

        /// <summary>Both ends say who they are. Answers what went wrong.</summary>
        private async Task<string> Greet(Connection fresh, Task closed)
        {
            try
            {
                var asked = fresh.Request(Lsp.Initialize, Hello());
                if (await Task.WhenAny(asked, closed).ConfigureAwait(false) == closed)
                {
                    return null;
                }
                var answer = InitializeResult.From(await asked.ConfigureAwait(false));
                Version = answer.ServerInfo?.Version ?? "";
                var agreed = answer.Capabilities.Experimental?.Nextline;
                var trouble = agreed == null ? "the agent is older than this extension: update the agent" : agreed.Message;
                if (trouble != null)
                {
                    editor.Say(trouble);
                }
            }
            catch (FaultException fault)
            {
                return "the agent did not start: " + fault.Message;
            }
            catch (IOException)
            {
                return null;
            }
            fresh.Notify(Lsp.Initialized, new Dictionary<string, object>());
            connection = fresh;
            Documents.Attach(fresh);
            Say(null, "");
            Started?.Invoke();
            return null;
        }

        private Dictionary<string, object> Hello()
        {
            return new InitializeParams
            {
                ProcessId = Process.GetCurrentProcess().Id,
                ClientInfo = new PeerInfo { Name = "nextline-visualstudio" },
                WorkspaceFolders = editor.Folders().Select(path => new WorkspaceFolder { Uri = UriOf(path), Name = Path.GetFileName(path.TrimEnd('/', '\\')) }).ToList(),
                InitializationOptions = editor.Settings(),
                Capabilities = Json.Read(Capabilities),
            }.Json();
        }

        /// <summary>A path as the agent names it.</summary>
        internal static string UriOf(string path)
        {
            return new Uri(path).AbsoluteUri;
        }

        /// <summary>Asks a process to end that may be gone already, and makes sure that it is.</summary>
        private static async Task Leave(Process process, Connection old)
        {
            var asked = old.Request(Lsp.Shutdown, null);
            await Task.WhenAny(asked, Task.Delay(1000)).ConfigureAwait(false);
            old.Notify(Lsp.Exit, null);
            old.Dispose();
            if (asked.IsFaulted)
            {
                asked.Exception.Handle(_ => true);
            }
            try
            {
                if (!process.WaitForExit(1000))
                {
                    process.Kill();
                }
            }
            catch (Exception error) when (error is InvalidOperationException || error is Win32Exception)
            {
                // It ended by itself meanwhile.
            }
        }

        private void Say(Status status, string trouble)
        {
            Status = status;
            Trouble = trouble;
            Changed?.Invoke();
        }

        private void Hear(string method, object given)
        {
            switch (method)
            {
                case Methods.Status:
                    Say(Status.From(given), "");
                    break;
                case Methods.EditEvent:
                    Raise(Edited, EditEvent.From(given));
                    break;
                case Methods.ChatEvent:
                    Raise(Chatted, ChatEvent.From(given));
                    break;
                case Methods.DocumentResync:
                    editor.Log("resync: " + ResyncParams.From(given).Reason);
                    Documents.Resync(ResyncParams.From(given).Uri);
                    break;
                case Lsp.ShowMessage:
                    editor.Say(ShowMessageParams.From(given).Message);
                    break;
                case Lsp.LogMessage:
                    editor.Log(ShowMessageParams.From(given).Message);
                    break;
            }
        }

        /// <summary>A kind of a newer version is null, and nobody hears of it.</summary>
        private static void Raise<T>(Action<T> heard, T what) where T : class
        {
            if (what != null)
            {
                heard?.Invoke(what);
            }
        }

        private async Task<object> Answer(string method, object given)
        {
            switch (method)
            {
                case Lsp.Configuration:
                    return ConfigurationParams.From(given).Items.ConvertAll(item => item.Section == Client.Section ? editor.Settings() : null);
                case Lsp.ApplyEdit:
                    var refused = await editor.Apply(FileChange.Of(ApplyWorkspaceEditParams.From(given).Edit)).ConfigureAwait(false);
                    return new ApplyWorkspaceEditResult { Applied = refused == null, FailureReason = refused }.Json();
                case Lsp.ShowMessageRequest:
                    var asked = ShowMessageRequestParams.From(given);
                    var answers = asked.Actions?.ConvertAll(action => action.Title) ?? new List<string>();
                    var chosen = await editor.Choose(asked.Message, answers).ConfigureAwait(false);
                    return chosen == null ? null : new MessageActionItem { Title = chosen }.Json();
                case Lsp.WorkDoneProgressCreate:
                case Lsp.RegisterCapability:
                    return null;
                default:
                    throw Connection.Unknown(method);
            }
        }
    }
}
