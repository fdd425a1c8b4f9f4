// Drives the core of the Visual Studio extension against the real agent: `drive.exe SCENE`. Says `well` at the end, or what was wrong.
// AGENT is the binary, FOLDER the project, SETTINGS (JSON) what the person set; tests/tests/visualstudio.rs writes them.
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Nextline.Core;
using Nextline.Protocol;

namespace Nextline.Tests
{
    static class Driver
    {
        static readonly Dictionary<string, Action> Scenes = new Dictionary<string, Action>
        {
            { "json", Torture.Json },
            { "lines", Torture.Lines },
            { "words", Torture.Words },
            { "ghosts", Torture.Ghosts },
            { "day", () => Day.Live(int.Parse(Environment.GetEnvironmentVariable("EDITS")), ulong.Parse(Environment.GetEnvironmentVariable("SEED"))) },
            { "ghost", GhostScenes.Learnt },
            { "pieces", GhostScenes.Pieces },
            { "edits", EditScenes.Edits },
            { "next", EditScenes.Next },
            { "chat", ChatScenes.Chat },
            { "killed", LifeScenes.Killed },
            { "crashes", LifeScenes.Crashes },
            { "excluded", LifeScenes.Excluded },
            { "versions", LifeScenes.Versions },
        };

        static int Main(string[] given)
        {
            try
            {
                Scenes[given[0]]();
                Console.WriteLine("well");
                return 0;
            }
            catch (Exception error)
            {
                Console.WriteLine(error);
                return 1;
            }
        }

        public static void Same(object want, object got, string what)
        {
            if (!Equals(want, got))
            {
                throw new Exception(what + ": wanted " + Json.Write(want) + ", got " + Json.Write(got));
            }
        }

        public static void Holds(bool it, string what)
        {
            if (!it)
            {
                throw new Exception(what);
            }
        }

        /// Waits until it holds; two minutes at most.
        public static void Until(Func<bool> it, string what)
        {
            var clock = Stopwatch.StartNew();
            while (!it())
            {
                Holds(clock.ElapsedMilliseconds < 120000, "waited in vain: " + what);
                Thread.Sleep(5);
            }
        }

        public static T Wait<T>(Task<T> task, string what)
        {
            Holds(task.Wait(120000), "waited in vain: " + what);
            return task.Result;
        }

        public static string Folder => Environment.GetEnvironmentVariable("FOLDER");

        public static string Uri(string name) => new Uri(Path.Combine(Folder, name)).AbsoluteUri;
    }

    /// A buffer as the editor has it: all replacements of one change count in the text before it.
    sealed class Buffer
    {
        readonly Documents documents;
        readonly List<List<Replacement>> undos = new List<List<Replacement>>();
        readonly List<List<Replacement>> redos = new List<List<Replacement>>();
        public readonly string Uri;
        public string Text;

        public Buffer(Documents documents, string uri, string language, string text)
        {
            this.documents = documents;
            Uri = uri;
            Text = text;
            documents.Open(uri, language, text);
        }

        public void Put(int start, int length, string text) => Change(new List<Replacement> { new Replacement(start, length, text) });

        public void Put(Replacement one) => Put(one.Start, one.Length, one.Text);

        public void Change(List<Replacement> replacements)
        {
            undos.Add(Made(replacements));
            redos.Clear();
        }

        public bool Undo() => Back(undos, redos);

        public bool Redo() => Back(redos, undos);

        bool Back(List<List<Replacement>> from, List<List<Replacement>> to)
        {
            if (from.Count == 0)
            {
                return false;
            }
            var last = from[from.Count - 1];
            from.RemoveAt(from.Count - 1);
            to.Add(Made(last));
            return true;
        }

        /// Changes the text behind the documents' back.
        public void Miss(string text)
        {
            Text = text;
            undos.Clear();
            redos.Clear();
        }

        /// Makes a change and answers the one that takes it back.
        List<Replacement> Made(List<Replacement> replacements)
        {
            var before = Text;
            var back = new List<Replacement>();
            var text = "";
            var from = 0;
            foreach (var one in replacements)
            {
                text += before.Substring(from, one.Start - from);
                back.Add(new Replacement(text.Length, one.Text.Length, before.Substring(one.Start, one.Length)));
                text += one.Text;
                from = one.Start + one.Length;
            }
            Text = text + before.Substring(from);
            documents.Change(Uri, replacements, before.Length, () => Text);
            return back;
        }
    }

    /// The editor of the tests: buffers, a log, and a person who is told things.
    sealed class TestEditor : IEditor, IChatEditor
    {
        public readonly Agent Agent;
        public readonly Dictionary<string, Buffer> Buffers = new Dictionary<string, Buffer>();
        public readonly List<string> Said = new List<string>();
        public readonly List<string> Logged = new List<string>();
        public string Binary = Environment.GetEnvironmentVariable("AGENT");
        public ChatPlace Here = new ChatPlace();
        public int Starts;

        public TestEditor(params int[] waits)
        {
            Agent = new Agent(this, waits);
            Agent.Started += () => Interlocked.Increment(ref Starts);
        }

        public TestEditor Run()
        {
            Agent.Start();
            Driver.Until(() => Starts > 0, "the agent runs");
            return this;
        }

        public Buffer Open(string name, string text)
        {
            var uri = Driver.Uri(name);
            return Buffers[uri] = new Buffer(Agent.Documents, uri, name.EndsWith(".rs") ? "rust" : "plaintext", text);
        }

        public Buffer Open(string name) => Open(name, File.ReadAllText(Path.Combine(Driver.Folder, name)));

        /// Both sides have the same text.
        public Task<object> Equal(Buffer buffer)
        {
            var given = new AssertTextParams { Text = Json.Whole(buffer.Text), TextDocument = new Identifier { Uri = buffer.Uri } };
            return Agent.Request(Methods.DebugAssertText, given.Json());
        }

        public bool Heard(string part)
        {
            lock (Said)
            {
                return Said.Exists(one => one.Contains(part));
            }
        }

        /// The agent's process.
        public int Pid()
        {
            lock (Logged)
            {
                var line = Logged.FindLast(one => one.StartsWith("the agent runs"));
                return int.Parse(line.Substring(line.LastIndexOf(' ') + 1));
            }
        }

        public ProcessStartInfo Command() => new ProcessStartInfo(Binary, "lsp");

        public IList<string> Folders() => new[] { Driver.Folder };

        public Dictionary<string, object> Settings() => (Dictionary<string, object>)Json.Read(Environment.GetEnvironmentVariable("SETTINGS") ?? "{}");

        public Task<string> Apply(IList<FileChange> changes)
        {
            foreach (var change in changes)
            {
                var replacements = change.In(Agent.Documents);
                if (replacements == null)
                {
                    return Task.FromResult("the text was changed meanwhile");
                }
                Buffers[change.Uri].Change(new List<Replacement>(replacements));
            }
            return Task.FromResult<string>(null);
        }

        public Task<string> Choose(string question, IList<string> answers) => Task.FromResult(answers.Count > 0 ? answers[0] : null);

        public void Say(string message)
        {
            lock (Said)
            {
                Said.Add(message);
            }
        }

        public void Log(string line)
        {
            lock (Logged)
            {
                Logged.Add(line);
            }
        }

        public Task<ChatPlace> Place() => Task.FromResult(Here);

        Task IChatEditor.Open(string path)
        {
            if (!Buffers.ContainsKey(new Uri(path).AbsoluteUri))
            {
                Open(path.Substring(Driver.Folder.Length + 1));
            }
            return Task.CompletedTask;
        }
    }

    /// SplitMix64: the same seed, the same day.
    sealed class Numbers
    {
        ulong state;

        public Numbers(ulong seed)
        {
            state = seed;
        }

        public int Below(int end)
        {
            state += 0x9e3779b97f4a7c15;
            var z = state;
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
            z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
            return (int)((z ^ (z >> 31)) % (ulong)end);
        }

        public T Pick<T>(params T[] items) => items[Below(items.Length)];
    }
}
